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
