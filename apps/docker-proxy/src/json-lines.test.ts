import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonLines } from './json-lines.ts'

const longest = 65_536
const read = async (chunks: readonly Buffer[]): Promise<unknown[]> => {
  const found: unknown[] = []
  for await (const value of jsonLines(
    (async function* () {
      yield* chunks
    })(),
  ))
    found.push(value)
  return found
}
const split = (whole: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [0, ...[...cuts].map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length]
  return at.slice(1).map((end, index) => whole.subarray(at[index], end))
}
const refused = (cause: boolean) =>
  expect.objectContaining({ code: 'DOCKER_ENGINE_ERROR', ...(cause && { cause: expect.any(SyntaxError) }) })

describe('documents, one a line', () => {
  it('are the same wherever the bytes are cut', async () => {
    const values = fc.array(fc.jsonValue(), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(values, fc.array(fc.nat()), fc.constantFrom('\n', '\r\n', '\n\n', ' \n '), async (all, cuts, end) => {
        const whole = Buffer.from(all.map((one) => JSON.stringify(one) + end).join(''))
        expect(await read(split(whole, cuts))).toEqual(JSON.parse(JSON.stringify(all)))
      }),
      { numRuns: 300, seed: 3 },
    )
  })

  it('are given as soon as their line ends, and what has no end is none', async () => {
    expect(await read([Buffer.from('{"a":1}\n{"b"')])).toEqual([{ a: 1 }])
  })

  it('may have lines of nothing but blanks between them', async () => {
    expect(await read([Buffer.from('1\r\n\r\n \n2\r\n')])).toEqual([1, 2])
  })

  it('may be 64 KiB and no byte more, however they come', async () => {
    const fits = `"${'x'.repeat(longest - 2)}"`
    expect(await read([Buffer.from(`${fits}\n`)])).toEqual([fits.slice(1, -1)])
    expect(await read([Buffer.from(fits), Buffer.from('\n1\n')])).toEqual([fits.slice(1, -1), 1])
    const over = `"${'x'.repeat(longest - 1)}"`
    for (const chunks of [[`${over}\n`], [over], [over.slice(0, 10), `${over.slice(10)}\n`], [`1\n${over}\n`], [over, '\n']])
      await expect(read(chunks.map((chunk) => Buffer.from(chunk)))).rejects.toThrow(refused(false))
  })

  it('are refused when they are none', async () => {
    for (const text of ['x\n', '{"a":1}{"a":2}\n', '1\nnot json\n']) await expect(read([Buffer.from(text)])).rejects.toThrow(refused(true))
  })
})
