import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { mostNames, nameFrame, sampleFrame, walkFrames } from './frame-codec.ts'

export type Row = { readonly name: string; readonly values: ArrayLike<number> }
/** Appends to the file of the day. */
export type FrameWriter = {
  /** @returns the milliseconds of the newest sample in a file that was there already; null where it holds none */
  open(path: string): number | null
  append(path: string, atMs: number, rows: readonly Row[]): void
  close(): void
}

type Open = { readonly path: string; readonly file: number; readonly names: Map<string, number>; size: number; newestMs: number | null }

/**
 * What is written lies behind the last whole frame, so that neither a crash nor a disk that was full leaves a hole: the torn part is
 * cut off when the file is opened, and written over while it stays open.
 */
export function createFrameWriter(): FrameWriter {
  let now: Open | null = null
  const close = (): void => {
    if (now) closeSync(now.file)
    now = null
  }
  const opened = (path: string): Open => {
    if (now?.path === path) return now
    close()
    now = openFile(path)
    return now
  }
  return {
    open: (path) => opened(path).newestMs,
    append(path, atMs, rows) {
      const target = opened(path)
      const frames: Buffer[] = []
      const added = new Map<string, number>()
      const numbered = rows.flatMap(({ name, values }) => {
        let index = target.names.get(name) ?? added.get(name)
        if (index === undefined) {
          index = target.names.size + added.size
          // More names in a day than can be numbered: those that came first are kept.
          if (index >= mostNames) return []
          added.set(name, index)
          frames.push(nameFrame(index, name))
        }
        return [{ index, values }]
      })
      const bytes = Buffer.concat([...frames, sampleFrame(atMs, numbered)])
      let written = 0
      while (written < bytes.length) written += writeSync(target.file, bytes, written, bytes.length - written, target.size + written)
      target.size += bytes.length
      target.newestMs = Math.max(target.newestMs ?? 0, atMs)
      for (const [name, index] of added) target.names.set(name, index)
    },
    close,
  }
}

function openFile(path: string): Open {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const names = new Map<string, number>()
  let newestMs: number | null = null
  const old = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  const size = walkFrames(old, {
    name: (index, name) => names.set(name, index),
    sample: (atMs) => {
      newestMs = Math.max(newestMs ?? 0, atMs)
    },
  })
  const file = openSync(path, old.length > 0 ? 'r+' : 'w+', 0o600)
  if (size < old.length) ftruncateSync(file, size)
  return { path, file, names, size, newestMs }
}
