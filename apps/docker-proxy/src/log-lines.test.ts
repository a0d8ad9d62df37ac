import { written } from '@console/verb-kit/send-lines'
import { describe, expect, it } from 'vitest'
import { blockOf } from './log-lines.ts'

/** A line as it leaves the daemon. */
const read = (text: string | Buffer, cut = false) =>
  JSON.parse(String(blockOf([{ stream: 'err', bytes: Buffer.from(text), cut }])?.[written])) as { text: string }

describe('the time of a line', () => {
  it.each([
    ['2026-01-02T03:04:05.123456789Z x', '2026-01-02T03:04:05.123Z'],
    ['2026-01-02T03:04:05.1239999Z x', '2026-01-02T03:04:05.123Z'],
    ['2026-01-02T03:04:05.5Z x', '2026-01-02T03:04:05.500Z'],
    ['2026-01-02T03:04:05.05Z x', '2026-01-02T03:04:05.050Z'],
    ['2026-01-02T03:04:05Z x', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05+02:00 x', '2026-01-02T01:04:05.000Z'],
    ['2026-01-02T03:04:05.25-02:30 x', '2026-01-02T05:34:05.250Z'],
    ['2026-99-02T03:04:05Z x', '1970-01-01T00:00:00.000Z'],
  ])('is the stamp of %s', (line, at) => expect(read(line)).toEqual({ at, stream: 'err', text: 'x' }))

  it('is the beginning of time where no stamp stands, and nothing of the text is taken for one', () => {
    for (const line of [
      'x',
      ' 2026-01-02T03:04:05Z x',
      'at 2026-01-02T03:04:05Z',
      '2026-01-02T03:04:05_02:00 x',
      '2026-01-02T03:04:05.Z x',
    ])
      expect(read(line)).toEqual({ at: '1970-01-01T00:00:00.000Z', stream: 'err', text: line })
  })

  it('takes one space behind the stamp, if there is one', () => {
    expect(read('2026-01-02T03:04:05Z  x').text).toBe(' x')
    expect(read('2026-01-02T03:04:05Zx').text).toBe('x')
    expect(read('2026-01-02T03:04:05Z').text).toBe('')
  })
})

describe('lines that leave together', () => {
  const line = (text: string, stream: 'out' | 'err' = 'out') => ({ stream, bytes: Buffer.from(text), cut: false })
  const second = '2026-01-02T03:04:05'
  const timesOf = (...texts: string[]) =>
    String(blockOf(texts.map((text) => line(text)))?.[written])
      .trimEnd()
      .split('\n')
      .map((text) => (JSON.parse(text) as { at: string; text: string }).at)

  it('are those of the stream that was asked for, with the stamp of the first of them, or nothing', () => {
    const raws = [
      line(`${second}.100000000Z a`, 'err'),
      line(`${second}.200000001Z b`),
      line(`${second}.300000002Z c`, 'err'),
      line(`${second}.400000003Z d`),
    ]
    const textsOf = (only: 'out' | 'err' | null) => {
      const block = blockOf(raws, only)
      return [block?.stamp, ...[...String(block?.[written]).matchAll(/"text":"(.)"/g)].map(([, text]) => text)]
    }
    expect(textsOf('out')).toEqual([`${second}.200000001Z`, 'b', 'd'])
    expect(textsOf('err')).toEqual([`${second}.100000000Z`, 'a', 'c'])
    expect(textsOf(null)).toEqual([`${second}.100000000Z`, 'a', 'b', 'c', 'd'])
    expect(blockOf(raws.slice(0, 1), 'out')).toBeNull()
    expect(blockOf([])).toBeNull()
  })

  it('have each its own time, in a second that was seen before and in one that was not', () => {
    expect(
      timesOf(`${second}.111111111Z a`, `${second}.222222222Z b`, '2026-01-02T03:04:06.333333333Z c', `${second}.444444444Z d`),
    ).toEqual([`${second}.111Z`, `${second}.222Z`, '2026-01-02T03:04:06.333Z', `${second}.444Z`])
    expect(blockOf([line(`${second}.111111111Z a`), line(`${second}.222222222Z b`)])?.[written].toString()).toContain('"text":"b"')
  })

  it('are read with care where only the second is as before', () => {
    expect(timesOf(`${second}.111111111Z a`, `${second}.5Z b`, `${second}+02:00 c`, `${second} d`, `${second}.22222222xZ e`)).toEqual([
      `${second}.111Z`,
      `${second}.500Z`,
      '2026-01-02T01:04:05.000Z',
      '1970-01-01T00:00:00.000Z',
      '1970-01-01T00:00:00.000Z',
    ])
    // A time of another zone tells nothing of the same digits in ours.
    expect(timesOf('2026-01-02T07:00:00+02:00 a', '2026-01-02T07:00:00.000000001Z b')).toEqual([
      '2026-01-02T05:00:00.000Z',
      '2026-01-02T07:00:00.000Z',
    ])
    // What no calendar has is no time, however often it comes.
    expect(timesOf('2026-99-02T03:04:05.000000001Z a', '2026-99-02T03:04:05.000000001Z b')).toEqual([
      '1970-01-01T00:00:00.000Z',
      '1970-01-01T00:00:00.000Z',
    ])
  })

  it('have no more text taken from them than the stamp', () => {
    const texts = [`${second}.111111111Z a`, `${second}.222222222Z  b`, `${second}.333333333Zc`]
    const found = texts.map((text) => JSON.parse(String(blockOf([line(texts[0] ?? ''), line(text)])?.[written]).split('\n')[1] ?? '').text)
    expect(found).toEqual(['a', ' b', 'c'])
  })

  it('may be empty', () => expect(read('')).toEqual({ at: '1970-01-01T00:00:00.000Z', stream: 'err', text: '' }))
})

describe('the text of a line', () => {
  it('loses a carriage return at its very end and no other', () => {
    expect(read('a\rb\r').text).toBe('a\rb')
    expect(read('a\r\r').text).toBe('a\r')
  })

  it('shows bytes that are no UTF-8 as replacements, and keeps a mark of byte order', () => {
    expect(read(Buffer.from([0x61, 0xff, 0x62])).text).toBe('a\ufffdb')
    expect(read('\ufeffa').text).toBe('\ufeffa')
  })

  it('says how many secrets were covered and whether it was cut, and else neither', () => {
    expect(read('password=hunter2 and token: ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', true)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      stream: 'err',
      text: 'password=[masked] and token: [masked token]',
      cut: true,
      masked: 2,
    })
    expect(Object.keys(read('plain'))).toEqual(['at', 'stream', 'text'])
  })
})
