import { rounds } from '@console/testkit/deep'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSplitter, type LineSplitter, type RawLine } from './demultiplex.ts'

const frameOf = (stream: number, bytes: Uint8Array): Buffer => {
  const head = Buffer.alloc(8)
  head[0] = stream
  head.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([head, bytes])
}
const frame = (stream: number, text: string): Buffer => frameOf(stream, Buffer.from(text))
/** Arbitrary bytes hold a line end too seldom. */
const withLineEnds = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => (byte < 40 ? 10 : byte))
const linesIn = (splitter: LineSplitter, chunks: readonly Buffer[]): RawLine[] => [
  ...chunks.flatMap((chunk) => splitter.push(chunk)),
  ...splitter.end(),
]
const read = (tty: boolean, chunks: Buffer[]): string[] =>
  linesIn(createSplitter(tty), chunks).map(({ stream, bytes, cut }) => `${stream}${cut ? '!' : ''} ${bytes.toString()}`)

describe('the splitter', () => {
  it('reads the same lines at every split', () => {
    const whole = Buffer.concat([frame(1, 'one\ntw'), frame(2, 'é🦊\n'), frame(1, 'o\n'), frame(1, ''), frame(2, 'last')])
    const expected = ['out one', 'err é🦊', 'out two', 'err last']
    const cuts = fc.uniqueArray(fc.nat(whole.length)).map((list) => list.sort((a, b) => a - b))
    const pieces = (at: number[]) => [...at, whole.length].map((end, index) => whole.subarray(index === 0 ? 0 : at[index - 1], end))
    fc.assert(fc.property(cuts, (at) => JSON.stringify(read(false, pieces(at))) === JSON.stringify(expected)))
  })

  it('cuts no line of 16 KiB that comes in two pieces, and one of a byte more', () => {
    const piece = 'x'.repeat(10_000)
    const rest = 'y'.repeat(6_384)
    expect(read(true, [Buffer.from(piece), Buffer.from(`${rest}\n`)])).toEqual([`out ${piece}${rest}`])
    expect(read(true, [Buffer.from(piece), Buffer.from(`${rest}z\n`)])).toEqual([`out! ${piece}${rest}`])
  })

  it('cuts no line of 16 KiB that comes whole, and one of a byte more, wherever it stands in what came', () => {
    const line = 'x'.repeat(16_384)
    expect(read(true, [Buffer.from(`a\n${line}\nb\n${line}y\nc\n`)])).toEqual(['out a', `out ${line}`, 'out b', `out! ${line}`, 'out c'])
  })

  it('shows what a terminal prints, forged heads too', () => {
    expect(read(true, [Buffer.from('\x02\0\0\0\xff\xff\xff\xff\nx\n', 'latin1')])).toHaveLength(2)
  })

  it('refuses a frame that claims more than a MiB, another stream, or anything where zeros stand', () => {
    const refused = expect.objectContaining({ code: 'DOCKER_ENGINE_ERROR', status: 502 })
    for (const head of [
      [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
      [1, 0, 0, 0, 0, 0x10, 0, 1],
      [3, 0, 0, 0, 0, 0, 0, 1],
      [255, 0, 0, 0, 0, 0, 0, 1],
      [1, 1, 0, 0, 0, 0, 0, 1],
      [1, 0, 1, 0, 0, 0, 0, 1],
      [1, 0, 0, 1, 0, 0, 0, 1],
    ])
      expect(() => read(false, [Buffer.from(head)])).toThrow(refused)
    expect(read(false, [Buffer.from([1, 0, 0, 0, 0, 0x10, 0, 0]), Buffer.from('ok\n')])).toEqual(['out ok'])
  })

  it('reads whatever frames as whoever has them whole, at whatever splits', () => {
    const frames = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.uint8Array({ maxLength: 30 }).map(withLineEnds)), { maxLength: 12 })
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 20 }), (all, cuts) => {
        const whole = Buffer.concat(all.map(([stream, bytes]) => frameOf(stream, bytes)))
        const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length]
        const chunks = at.slice(1).map((end, index) => whole.subarray(at[index], end))
        const found = linesIn(createSplitter(false), chunks)
        for (const stream of ['out', 'err'] as const) {
          const text = Buffer.concat(all.filter(([kind]) => (kind === 2 ? 'err' : 'out') === stream).map(([, bytes]) => bytes)).toString(
            'latin1',
          )
          const expected = text.split('\n')
          if (expected.at(-1) === '') expected.pop()
          expect(found.filter((line) => line.stream === stream).map(({ bytes }) => bytes.toString('latin1'))).toEqual(expected)
        }
      }),
      { numRuns: rounds({ test: 500, deep: 100_000 }), seed: 11 },
    )
  })

  it('reads whatever a terminal prints at whatever splits, and cuts each line at 16 KiB at the same place', () => {
    const pieces = fc.array(fc.oneof(fc.constant(10), fc.integer({ min: 1, max: 20_000 })), { maxLength: 8 })
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(), { maxLength: 10 }), (all, cuts) => {
        const text = all.map((size, nth) => (size === 10 ? '\n' : String(nth).repeat(size))).join('')
        const whole = Buffer.from(text)
        const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length]
        const chunks = at.slice(1).map((end, index) => whole.subarray(at[index], end))
        const expected = text.split('\n').map((line) => ({ stream: 'out', text: line.slice(0, 16_384), cut: line.length > 16_384 }))
        if (expected.at(-1)?.text === '') expected.pop()
        const found = linesIn(createSplitter(true), chunks)
        expect(found.map(({ stream, bytes, cut }) => ({ stream, text: bytes.toString(), cut }))).toEqual(expected)
      }),
      { numRuns: rounds({ test: 60, deep: 10_000 }), seed: 12 },
    )
  })

  it('cuts a line without an end at 16 KiB and keeps no more of it', () => {
    const [line = ''] = read(
      true,
      Array.from({ length: 100 }, () => Buffer.alloc(16_384, 'x')),
    )
    expect([line.startsWith('out! '), line.length]).toEqual([true, 16_384 + 5])
  })
})
