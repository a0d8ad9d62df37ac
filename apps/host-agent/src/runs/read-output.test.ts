import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOutput } from './read-output.ts'
import { tellLines } from './tell-lines.ts'

let dir: string
const path = (): string => join(dir, 'output.ndjson')
const line = (seq: number, text = `line ${seq}`, stream = 'out'): string =>
  `${JSON.stringify({ seq, at: '2026-01-01T00:00:00.000Z', stream, text })}\n`
const write = (from: number, to: number, pad = ''): void =>
  appendFileSync(path(), Array.from({ length: to - from + 1 }, (_, index) => line(from + index, `line ${from + index}${pad}`)).join(''))

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'read-output-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('reading the output of a run', () => {
  it('is nothing before there is any', () => {
    expect(openOutput(path()).after(0, 10)).toEqual([])
    expect(openOutput(path()).refresh()).toMatchObject({ lines: 0, cut: false, steps: [] })
  })

  it('goes on after any line, with as many as were asked for', () => {
    write(1, 1_000)
    const output = openOutput(path())
    for (const after of [0, 1, 199, 200, 201, 999])
      expect(output.after(after, 3).map(({ seq }) => seq)).toEqual([1, 2, 3].map((n) => after + n).filter((n) => n <= 1_000))
    expect(output.after(1_000, 3)).toEqual([])
    write(1_001, 1_002)
    expect(output.after(1_000, 3).map(({ seq }) => seq)).toEqual([1_001, 1_002])
  })

  it('waits for the rest of a line that is half written, and passes over one that a crash tore', () => {
    const [whole, half] = [line(1), line(2)]
    writeFileSync(path(), whole + half.slice(0, 20))
    const output = openOutput(path())
    expect(output.after(0, 10).map(({ seq }) => seq)).toEqual([1])
    appendFileSync(path(), half.slice(20))
    expect(output.after(1, 10).map(({ seq }) => seq)).toEqual([2])
    appendFileSync(path(), `{"seq":3,"te\n${line(4)}`)
    expect(output.after(2, 10).map(({ seq }) => seq)).toEqual([4])
    expect(output.refresh().lines).toBe(4)
  })

  it('does not read a long file from its beginning again and again', () => {
    write(1, 30_000, ' '.repeat(100))
    const output = openOutput(path())
    output.after(30_000, 10)
    const read = (): number => Number(/^rchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
    const before = read()
    for (let n = 0; n < 20; n += 1) output.after(30_000, 10)
    expect(read() - before).toBeLessThan(readFileSync(path()).length)
  })

  it('takes only whole lines of the script as steps, and names the first that speaks of an error', () => {
    const all = ['::step build::', 'x ::step no::', '::step a:b::', '\u001b[1m::step no::', 'a warning', 'Error: it broke', 'fatal: more']
    writeFileSync(path(), all.map((text, index) => line(index + 1, text)).join('') + line(8, '::step forged::', 'sys'))
    expect(openOutput(path()).refresh()).toMatchObject({ steps: [{ name: 'build' }], firstErrorLine: 6, cut: false, lines: 8 })
    appendFileSync(path(), line(9, 'The output was cut here') + line(10, 'The output was cut here', 'sys'))
    expect(openOutput(path()).refresh().cut).toBe(true)
  })
})

describe('a reader', () => {
  const told = async (
    wish: { after?: number; limit?: number; follow: boolean; endOf?: () => string | null },
    signal = AbortSignal.timeout(60_000),
  ) => {
    const all: object[] = []
    for await (const one of tellLines(openOutput(path()), { after: 0, limit: 100, endOf: () => null, ...wish, signal })) all.push(one)
    return all
  }

  it('who does not follow is told where to go on', async () => {
    write(1, 5)
    expect((await told({ follow: false, limit: 2 })).at(-1)).toEqual({ next: 2 })
    expect(await told({ follow: false, after: 5 })).toEqual([{ next: 5 }])
  })

  it('who follows is told the end after the last line, also of lines that came at the very end', async () => {
    write(1, 5)
    const states = [null, null, 'exited']
    const endOf = (): string | null => {
      const state = states.shift() ?? (states.length > 0 ? null : 'exited')
      if (state !== null && openOutput(path()).refresh().lines === 5) write(6, 2_500)
      return state
    }
    const all = await told({ follow: true, endOf })
    expect(all).toHaveLength(2_501)
    expect(all.at(-1)).toEqual({ ended: 'exited' })
  }, 60_000)

  it('who goes away is let go', async () => {
    const going = new AbortController()
    setTimeout(() => going.abort(), 50)
    expect(await told({ follow: true }, going.signal)).toEqual([])
  }, 60_000)
})
