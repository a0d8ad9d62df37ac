import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openPartLog } from './part-log.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'part-log-'))
  file = join(folder, 'logs/part.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1)

/** The real file with room for so many bytes more: a write beyond takes what fits, and the next one fails, as a disk does. */
function diskWith(room: { bytes: number }) {
  return async (path: string) => {
    const handle = await open(path, 'a', 0o600)
    return {
      stat: () => handle.stat(),
      close: () => handle.close(),
      // What is given back is taken by another program at once.
      truncate: (size?: number) => handle.truncate(size),
      write: async (bytes: Buffer, offset: number) => {
        if (room.bytes === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        const told = await handle.write(bytes, offset, Math.min(room.bytes, bytes.length - offset))
        room.bytes -= told.bytesWritten
        return told
      },
    } as unknown as Awaited<ReturnType<typeof open>>
  }
}

test('lines are kept in order, in a file that only its owner reads', async () => {
  const log = openPartLog({ file, say: () => undefined })
  for (let index = 0; index < 500; index += 1) log.write(`line ${index}`)
  await log.end()
  expect(linesOf(file)).toEqual(Array.from({ length: 500 }, (_, index) => `line ${index}`))
})

test('a full file becomes the older one, also while it runs', async () => {
  const log = openPartLog({ file, say: () => undefined, mostBytes: 1_000 })
  for (let index = 0; index < 40; index += 1) {
    log.write(`${index} ${'x'.repeat(100)}`)
    await vi.waitFor(() => expect(`${read(`${file}.1`)}${read(file)}`).toContain(`${index} x`), { timeout: 15_000, interval: 2 })
  }
  await log.end()
  expect([linesOf(`${file}.1`).length + linesOf(file).length < 40, linesOf(file).at(-1)?.startsWith('39 ')]).toEqual([true, true])
})

test('what finds no room is counted, no line is cut, and how many are missing is told when there is room', async () => {
  const room = { bytes: 25 }
  const said: string[] = []
  const log = openPartLog({ file, say: (line) => said.push(line), openFile: diskWith(room), retryMs: 20 })
  log.write('first one')
  await vi.waitFor(() => expect(linesOf(file)).toEqual(['first one']), { timeout: 15_000 })
  log.write('second one, which is too long')
  await vi.waitFor(() => expect(said).toEqual([expect.stringContaining('cannot be written: ENOSPC')]), { timeout: 15_000 })
  for (let index = 0; index < 5; index += 1) log.write(`lost ${index}`)
  expect(readFileSync(file, 'utf8')).toBe('first one\n')
  room.bytes = 10_000
  await vi.waitFor(() => expect(said.at(-1)).toContain('can be written again; 6 lines are missing'), { timeout: 15_000 })
  log.write('last one')
  await log.end()
  const lines = linesOf(file)
  expect([lines[0], JSON.parse(lines[1] ?? ''), lines[2]]).toEqual([
    'first one',
    expect.objectContaining({ level: 'warn', msg: '6 lines are missing here, because the file could not be written.' }),
    'last one',
  ])
})

test('a disk that stays full holds up neither the lines nor the end', async () => {
  const said: string[] = []
  const log = openPartLog({ file, say: (line) => said.push(line), openFile: diskWith({ bytes: 0 }), retryMs: 5 })
  for (let index = 0; index < 30_000; index += 1) log.write('a line')
  await log.end()
  expect([readFileSync(file, 'utf8'), said.length]).toEqual(['', 1])
})

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
