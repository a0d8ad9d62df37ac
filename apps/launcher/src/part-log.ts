import { mkdirSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The log file of one part, which never holds the launcher up and never ends it. */
export type PartLog = { write(line: string): void; end(): Promise<void> }
type OpenFile = Pick<FileHandle, 'write' | 'truncate' | 'stat' | 'close'>
type Options = {
  readonly file: string
  /** For the person at the terminal: that lines are lost, and later how many were. */
  readonly say: (line: string) => void
  readonly mostBytes?: number
  readonly retryMs?: number
  readonly openFile?: (file: string) => Promise<OpenFile>
}

/** Lines that may wait for a slow disk. What comes beyond is counted as lost. */
const mostWaiting = 10_000

/** Appends lines; the file becomes `.1` when it is full. Lines that find no room are counted, and the log says so when there is room again. */
export function openPartLog({ file, say, mostBytes = 10 * 1_048_576, retryMs = 5_000, openFile = openToAppend }: Options): PartLog {
  const lineFile = openLineFile({ file, mostBytes, openFile })
  let waiting: string[] = []
  let lost = 0
  let busy: Promise<void> | null = null
  let retry: NodeJS.Timeout | undefined

  const giveUpForNow = (more: number): void => {
    lost += more + waiting.length
    waiting = []
    retry ??= setTimeout(() => {
      retry = undefined
      flush()
    }, retryMs).unref()
  }
  const drain = async (): Promise<void> => {
    while (waiting.length > 0 || lost > 0) {
      if (lost > 0) {
        const told = lost
        if ((await lineFile.append([notice(told)])).kept === 0) return giveUpForNow(0)
        lost -= told
        say(`${file} can be written again; ${told} lines are missing in it.`)
      }
      const lines = waiting
      waiting = []
      const { kept, why } = await lineFile.append(lines)
      if (kept === lines.length) continue
      say(`${file} cannot be written: ${why}. Its lines are counted until it can.`)
      return giveUpForNow(lines.length - kept)
    }
  }
  const flush = (): void => {
    busy ??= drain().finally(() => {
      busy = null
    })
  }
  return {
    write(line) {
      if (retry || waiting.length >= mostWaiting) {
        lost += 1
        return
      }
      waiting.push(line)
      flush()
    },
    async end() {
      clearTimeout(retry)
      retry = undefined
      await busy
      await drain()
      clearTimeout(retry)
      await lineFile.close()
    },
  }
}

function openLineFile({ file, mostBytes, openFile }: Required<Pick<Options, 'file' | 'mostBytes' | 'openFile'>>) {
  let handle: OpenFile | null = null
  let size = 0
  const current = async (): Promise<OpenFile> => {
    if (handle && size <= mostBytes) return handle
    if (handle) {
      await handle.close()
      handle = null
      await rename(file, `${file}.1`)
    }
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    handle = await openFile(file)
    size = (await handle.stat()).size
    return size <= mostBytes ? handle : current()
  }
  return {
    /** Writes whole lines or nothing of a line. @returns how many, and why not all */
    async append(lines: readonly string[]): Promise<{ kept: number; why: string }> {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
      let written = 0
      try {
        const target = await current()
        while (written < bytes.length) written += (await target.write(bytes, written)).bytesWritten
        size += bytes.length
        return { kept: lines.length, why: '' }
      } catch (error) {
        const whole = bytes.subarray(0, written).lastIndexOf(0x0a) + 1
        size += whole
        if (handle && written > whole) await handle.truncate(size).catch(() => undefined)
        const kept = bytes.subarray(0, whole).toString().split('\n').length - 1
        return { kept, why: (error as NodeJS.ErrnoException).code ?? (error as Error).message }
      }
    },
    close: async () => handle?.close(),
  }
}

function openToAppend(path: string): Promise<OpenFile> {
  return open(path, 'a', 0o600)
}

function notice(count: number): string {
  const msg = `${count} lines are missing here, because the file could not be written.`
  return JSON.stringify({ time: new Date().toISOString(), level: 'warn', name: 'launcher', msg })
}
