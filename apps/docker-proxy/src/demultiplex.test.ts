import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSplitter } from './demultiplex.ts'

const frame = (stream: number, text: string): Buffer => {
  const body = Buffer.from(text)
  const head = Buffer.alloc(8)
  head[0] = stream
  head.writeUInt32BE(body.length, 4)
  return Buffer.concat([head, body])
}
const read = (tty: boolean, chunks: Buffer[]): string[] => {
  const splitter = createSplitter(tty)
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()].map(
    ({ stream, bytes, cut }) => `${stream}${cut ? '!' : ''} ${bytes.toString()}`,
  )
}

describe('the splitter', () => {
  it('reads the same lines at every split', () => {
    const whole = Buffer.concat([frame(1, 'one\ntw'), frame(2, 'é🦊\n'), frame(1, 'o\n'), frame(1, ''), frame(2, 'last')])
    const expected = ['out one', 'err é🦊', 'out two', 'err last']
    const cuts = fc.uniqueArray(fc.nat(whole.length)).map((list) => list.sort((a, b) => a - b))
    const pieces = (at: number[]) => [...at, whole.length].map((end, index) => whole.subarray(index === 0 ? 0 : at[index - 1], end))
    fc.assert(fc.property(cuts, (at) => JSON.stringify(read(false, pieces(at))) === JSON.stringify(expected)))
  })

  it('shows what a terminal prints, forged heads too', () => {
    expect(read(true, [Buffer.from('\x02\0\0\0\xff\xff\xff\xff\nx\n', 'latin1')])).toHaveLength(2)
  })

  it('refuses a frame that claims more than a MiB, or another stream', () => {
    const huge = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])
    expect(() => read(false, [huge])).toThrow('not understood')
    expect(() => read(false, [Buffer.from([7, 0, 0, 0, 0, 0, 0, 1])])).toThrow('not understood')
  })

  it('cuts a line without an end at 16 KiB and keeps no more of it', () => {
    const [line = ''] = read(
      true,
      Array.from({ length: 100 }, () => Buffer.alloc(16_384, 'x')),
    )
    expect([line.startsWith('out! '), line.length]).toEqual([true, 16_384 + 5])
  })
})
