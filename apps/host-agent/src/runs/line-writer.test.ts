import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLineWriter, type LineWriter, type OutputLine } from './line-writer.ts'
import { createValueMask } from './mask-values.ts'

let dir: string
let writer: LineWriter
const path = (): string => join(dir, 'output.ndjson')
const open = ({ secrets = [] as string[], mostBytes = 1_048_576 } = {}): void => {
  writer = createLineWriter(path(), { mask: createValueMask(secrets), mostBytes, now: () => new Date('2026-01-01T00:00:00Z') })
}
const lines = (): OutputLine[] =>
  readFileSync(path(), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as OutputLine)
const texts = (): string[] => lines().map(({ stream, text }) => `${stream} ${text}`)
const out = (...chunks: (string | Buffer)[]): void => {
  for (const chunk of chunks) writer.push('out', Buffer.from(chunk as string))
}

beforeEach(() => {
  vi.useFakeTimers()
  dir = mkdtempSync(join(tmpdir(), 'line-writer-'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

describe('the output of a run', () => {
  it('is a numbered line a line, both streams in one order, whatever pieces it comes in', () => {
    open()
    out('one\ntw')
    writer.push('err', Buffer.from('oops\n'))
    out('o\r\n', '\n', 'rest')
    writer.close()
    expect(texts()).toEqual(['out one', 'err oops', 'out two', 'out ', 'out rest'])
    expect(lines().map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    expect(lines()[0]?.at).toBe('2026-01-01T00:00:00.000Z')
  })

  it('keeps letters whole that come in two pieces, and what is no text at all', () => {
    open()
    const euro = Buffer.from('€\n')
    out(euro.subarray(0, 1), euro.subarray(1), Buffer.from([0x66, 0xff, 0x0a]))
    writer.close()
    expect(texts()).toEqual(['out €', 'out f\uFFFD'])
  })

  it('shows a question that waits for its answer after a quarter of a second', () => {
    open()
    out('sure? ')
    vi.advanceTimersByTime(249)
    expect(texts()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(texts()).toEqual(['out sure? '])
    writer.close()
    expect(texts()).toHaveLength(1)
  })

  it('holds back what may be the beginning of a secret until the rest has come', () => {
    open({ secrets: ['topsecret'] })
    out('key=tops')
    vi.advanceTimersByTime(1_000)
    expect(texts()).toEqual(['out key='])
    out('ecret.\n')
    writer.close()
    expect(texts()).toEqual(['out key=', 'out ••••••.'])
  })

  it('cuts an endless line in pieces, and never inside a secret', () => {
    open({ secrets: ['topsecret'] })
    out('x'.repeat(16_380), 'topsecret', 'y'.repeat(20_000))
    writer.close()
    const all = lines().map(({ text }) => text)
    expect(all.every((text) => text.length <= 16_384 + 16)).toBe(true)
    expect(all.join('')).toBe(`${'x'.repeat(16_380)}••••••${'y'.repeat(20_000)}`)
  })

  it('ends at its bound with one line that says so; what the agent says still stands in it', () => {
    open({ mostBytes: 1_048_576 })
    for (let n = 0; n < 30; n += 1) out(`${'z'.repeat(49_999)}\n`)
    writer.say('The end.')
    writer.close()
    expect(texts().filter((text) => text.startsWith('sys'))).toEqual([
      'sys The output was cut here: it is over 1 MiB. The script goes on.',
      'sys The end.',
    ])
    expect(readFileSync(path()).length).toBeLessThan(1_200_000)
  })

  it('counts empty lines too, which cost more in the file than in the script', () => {
    open({ mostBytes: 100_000 })
    out('\n'.repeat(200_000))
    writer.close()
    expect(readFileSync(path()).length).toBeLessThan(150_000)
  })
})
