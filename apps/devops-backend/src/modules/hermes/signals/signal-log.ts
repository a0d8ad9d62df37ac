import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'

/**
 * What must not be lost: lines are on disk before they count. `append` resolves once its line is; lines that come together are written
 * together. A checkpoint stands for all lines before it, so that the folder stays small.
 */
export type SignalLog = {
  append(line: string): Promise<void>
  /** Between two writes: saves what all lines so far add up to, and begins a new file. */
  checkpoint(): Promise<void>
  close(): Promise<void>
}
type Deps = {
  readonly dir: string
  /** A line is on disk: only now it counts. Called in the order of the file, also for what is read back at the start. */
  readonly written: (line: string) => void
  readonly save: () => unknown
  readonly load: (saved: unknown) => void
  readonly damaged: (message: string, error: unknown) => void
}
type Waiting = { readonly line: string; readonly resolve: () => void; readonly reject: (error: unknown) => void }

const mostBytes = 64 * 1_048_576
const checkpointBytes = 8 * 1_048_576
const mostWaitingBytes = 16 * 1_048_576
const stateFile = 'state.json'
const segmentName = /^(\d{9})\.ndjson$/

export function openSignalLog({ dir, written, save, load, damaged }: Deps): SignalLog {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const back = readBack({ dir, written, load, damaged })
  let number = back.next
  let file: FileHandle | null = null
  let fileBytes = 0
  let sinceCheckpoint = back.bytes
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let work: Promise<void> = Promise.resolve()

  const takeWaiting = (): Waiting[] => {
    const taken = waiting
    waiting = []
    waitingBytes = 0
    return taken
  }
  const writeAll = async (): Promise<void> => {
    const batch = takeWaiting()
    if (batch.length === 0) return
    const text = batch.map(({ line }) => `${line}\n`).join('')
    try {
      if (sinceCheckpoint + text.length > mostBytes) throw new Error('the signals since the last checkpoint fill their bound')
      file ??= await begin(dir, nameOf(number))
      await file.appendFile(text)
      await file.datasync()
    } catch (error) {
      // The file may end in half a line: what comes next goes to another.
      await file?.close().catch(() => undefined)
      file = null
      number += 1
      // What came meanwhile may stand for a line of these that was sent again.
      for (const { reject } of [...batch, ...takeWaiting()]) reject(error)
      return
    }
    fileBytes += text.length
    sinceCheckpoint += text.length
    for (const { line, resolve } of batch) {
      written(line)
      resolve()
    }
  }
  const checkpoint = async (): Promise<void> => {
    if (sinceCheckpoint === 0) return
    await file?.close()
    file = null
    const through = number
    number += 1
    writeDurably(join(dir, stateFile), JSON.stringify({ through, state: save() }), 0o600)
    sinceCheckpoint = 0
    fileBytes = 0
    for (const old of segmentsIn(dir)) if (old <= through) rmSync(join(dir, nameOf(old)), { force: true })
  }
  const then = (step: () => Promise<void>): Promise<void> => {
    const done = work.then(step)
    work = done.catch(() => undefined)
    return done
  }
  return {
    append: (line) =>
      new Promise((resolve, reject) => {
        if (waitingBytes + line.length > mostWaitingBytes) throw new Error('too many signals wait for the disk')
        waiting.push({ line, resolve, reject })
        waitingBytes += line.length
        if (waiting.length === 1) void then(writeAll)
        if (fileBytes > checkpointBytes) {
          fileBytes = 0
          void then(checkpoint).catch(() => undefined)
        }
      }),
    checkpoint: () => then(checkpoint),
    async close() {
      await then(checkpoint).catch(() => undefined)
      await file?.close()
      file = null
    },
  }
}

/** @returns the number of the next file, and how much no checkpoint stands for yet */
function readBack({ dir, written, load, damaged }: Pick<Deps, 'dir' | 'written' | 'load' | 'damaged'>): { next: number; bytes: number } {
  let through = 0
  try {
    const { through: last, state } = JSON.parse(readFileSync(join(dir, stateFile), 'utf8')) as { through: number; state: unknown }
    load(state)
    through = last
  } catch (error) {
    // Signals are no reason for the console not to start: what cannot be read is set aside for somebody to look at.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      damaged('the sums of the signals cannot be read and were set aside', error)
      renameSync(join(dir, stateFile), join(dir, `${stateFile}.damaged`))
    }
  }
  const segments = segmentsIn(dir)
  let bytes = 0
  for (const segment of segments) {
    if (segment <= through) {
      rmSync(join(dir, nameOf(segment)), { force: true })
      continue
    }
    // Whatever follows the last end of a line was never answered for.
    const text = readFileSync(join(dir, nameOf(segment)), 'utf8')
    bytes += text.length
    const lines = text.split('\n').slice(0, -1)
    for (const line of lines) {
      try {
        written(line)
      } catch (error) {
        damaged(`a line of ${nameOf(segment)} in the folder of the signals cannot be read`, error)
      }
    }
  }
  return { next: Math.max(through, ...segments) + 1, bytes }
}

function segmentsIn(dir: string): number[] {
  return readdirSync(dir)
    .flatMap((name) => segmentName.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

function nameOf(number: number): string {
  return `${String(number).padStart(9, '0')}.ndjson`
}

/** A new file whose name is on disk before anything is in it. */
async function begin(dir: string, name: string): Promise<FileHandle> {
  const file = await open(join(dir, name), 'a', 0o600)
  try {
    const folder = await open(dir, 'r')
    await folder.sync().finally(() => folder.close())
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}
