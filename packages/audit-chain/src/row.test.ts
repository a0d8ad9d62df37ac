import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxRowBytes, type NewRow, openRow, rowMembers, sealRow } from './row.ts'
import { aRow } from './sample-log.fake.ts'

const place = { seq: 7, at: '2026-01-01T00:00:00.000Z', log: 'host-agent', prev: 'a'.repeat(64) }
const hashOf = (row: NewRow) => sealRow(place, rowMembers(row)).hash
const anything = fc.string({ unit: 'binary', maxLength: 20_000 })

test('a row reads back from its line', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (input, target) => {
      const { line, hash } = sealRow(place, rowMembers(aRow({ input, target })))
      const row = openRow(line.slice(0, -1))
      expect(row).toMatchObject({ ...place, hash })
      expect(row?.target).toBe(target)
    }),
  )
})

test('no row is longer than its limit or more than one line, whatever is in it', () => {
  fc.assert(
    fc.property(anything, anything, anything, anything, fc.jsonValue({ stringUnit: 'binary' }), (action, id, target, code, value) => {
      const all = {
        action,
        actor: { kind: 'person' as const, id, name: id },
        requestId: id,
        target,
        outcome: 'denied' as const,
        code,
        risk: code,
        address: code,
        count: 3,
        of: 9,
      }
      const { line } = sealRow(
        { ...place, seq: Number.MAX_SAFE_INTEGER, clockBack: true },
        rowMembers({ ...all, input: { value, action }, details: { value, code } }),
      )
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxRowBytes)
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect(openRow(line.slice(0, -1))).toBeDefined()
    }),
    { numRuns: 60 },
  )
})

test('rows filled to the brim with the widest characters fit', () => {
  const wide = '\u0000'.repeat(100_000)
  const row = {
    action: wide,
    actor: { kind: 'person' as const, id: wide, name: wide },
    requestId: wide,
    target: wide,
    outcome: 'denied' as const,
  }
  const { line } = sealRow(place, rowMembers({ ...row, code: wide, risk: wide, address: wide, input: { wide }, details: { wide } }))
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxRowBytes)
})

test('a cut input keeps its beginning, its length and the hash of the whole', () => {
  const input = { argv: 'x'.repeat(1024 * 1024) }
  const whole = JSON.stringify(input)
  const row = openRow(sealRow(place, rowMembers(aRow({ input }))).line.slice(0, -1))
  expect(row?.input).toMatchObject({ bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') })
  expect(row?.input?.cut).toMatch(/^\{"argv":"xxx/)
})

test('two cut texts that differ at the end only are still told apart', () => {
  expect(hashOf(aRow({ target: `${'x'.repeat(5000)}1` }))).not.toBe(hashOf(aRow({ target: `${'x'.repeat(5000)}2` })))
})

test.each<[Partial<NewRow>, Partial<NewRow>]>([
  [
    { requestId: 'ab', target: 'c' },
    { requestId: 'a', target: 'bc' },
  ],
  [{ input: { n: 1 } }, { input: { n: '1' } }],
  [{ input: { n: 1 } }, { details: { n: 1 } }],
  [{ target: '\u00e9' }, { target: 'e\u0301' }],
  [{ actor: { kind: 'person', id: 'x' } }, { actor: { kind: 'token', id: 'x' } }],
  [{ code: 'X' }, { risk: 'X' }],
  [{}, { input: {} }],
  [{ target: 'x","outcome":"denied' }, { target: 'x', outcome: 'denied' }],
])('%j and %j have different hashes', (a, b) => {
  expect(hashOf(aRow(a))).not.toBe(hashOf(aRow(b)))
})

test('the order in which a caller names things does not change the hash', () => {
  expect(hashOf(aRow({ input: { a: 1, b: 2 } }))).toBe(hashOf(aRow({ input: { b: 2, a: 1 } })))
})

test('the hash of a known row stays what it is', () => {
  const { line, hash } = sealRow(place, rowMembers(aRow({ input: { text: 'é\n\u0000"\u2028', n: 1.5e-7 } })))
  expect(line).toBe(
    `{"seq":7,"at":"2026-01-01T00:00:00.000Z","log":"host-agent","prev":"${'a'.repeat(64)}","action":"runs.start","actor":{"id":"u1","kind":"person"},"input":{"n":1.5e-7,"text":"é\\n\\u0000\\"\\u2028"},"outcome":"done","requestId":"r1","target":"web","hash":"${hash}"}\n`,
  )
  expect(hash).toBe(
    createHash('sha256')
      .update(`row\0${line.replace(/,"hash":"[0-9a-f]+"\}\n$/, '}')}`)
      .digest('hex'),
  )
})

test.each([
  ['changed', (line: string) => line.replace('"web"', '"wob"')],
  ['shortened', (line: string) => line.slice(0, -1)],
  ['with an added member', (line: string) => line.replace('{"seq"', '{"x":1,"seq"')],
  ['with the hash in capitals', (line: string) => line.replace(/[0-9a-f]{64}(?="\}$)/, (hex) => hex.toUpperCase())],
])('a line %s is no row', (_, change) => {
  const line = sealRow(place, rowMembers(aRow())).line.slice(0, -1)
  expect(openRow(line)).toBeDefined()
  expect(openRow(change(line))).toBeUndefined()
})

test.each<[string, unknown]>([
  ['outcome', { outcome: 'fine' }],
  ['actor', { actor: { kind: 'god', id: 'x' } }],
  ['target', { target: undefined }],
  ['count', { count: 1.5 }],
  ['of', { of: -1 }],
  ['of on an intent', { outcome: 'started', of: 1 }],
])('a row with a wrong %s is refused', (_, extra) => {
  expect(() => rowMembers({ ...aRow(), ...(extra as Partial<NewRow>) })).toThrow(TypeError)
})
