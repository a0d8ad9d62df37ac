import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openPlanShelf } from './plan-shelf.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plans-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const digestOf = (plan: { n: number }) => createHash('sha256').update(String(plan.n)).digest('hex')
const open = () => openPlanShelf(dir, digestOf)
const fileOf = (n: number) => join(dir, 'plans', `${digestOf({ n })}.json`)
/** Where the file would be written first stands a folder, so that writing fails as on a full disk. */
const barOf = (n: number) => `${fileOf(n)}.${process.pid}.part`
const blocked = (n: number): string => {
  mkdirSync(barOf(n), { recursive: true })
  return digestOf({ n })
}

it('knows a plan after a restart, and that it was carried out', () => {
  const digest = digestOf({ n: 1 })
  open().keep(digest, { n: 1 })
  expect(open().find(digest)).toEqual({ plan: { n: 1 }, used: false })
  open().use(digest)
  expect(open().find(digest)).toEqual({ plan: { n: 1 }, used: true })
})

it('knows none that was edited, cut, or never shown', () => {
  const digest = digestOf({ n: 1 })
  open().keep(digest, { n: 1 })
  const file = join(dir, 'plans', `${digest}.json`)
  const text = readFileSync(file, 'utf8')
  for (const other of [text.replace('1', '2'), text.slice(0, 5)]) {
    writeFileSync(file, other)
    expect(open().find(digest)).toBeNull()
  }
  expect(open().find(digestOf({ n: 3 }))).toBeNull()
})

it('knows a plan that could not be written until the restart, and one that could not be marked is good no more', () => {
  const shelf = open()
  const unwritten = blocked(1)
  shelf.keep(unwritten, { n: 1 })
  expect(shelf.find(unwritten)).toEqual({ plan: { n: 1 }, used: false })
  shelf.use(unwritten)
  expect(shelf.find(unwritten)).toEqual({ plan: { n: 1 }, used: true })
  shelf.keep(digestOf({ n: 2 }), { n: 2 })
  const unmarked = blocked(2)
  shelf.use(unmarked)
  expect(shelf.find(unmarked)).toEqual({ plan: { n: 2 }, used: true })
  expect([open().find(unwritten), open().find(unmarked)]).toEqual([null, null])
})

it('is for its owner alone', () => {
  open().keep(digestOf({ n: 1 }), { n: 1 })
  expect([join(dir, 'plans'), fileOf(1)].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600])
})

it('shows a plan anew that was carried out before, also where it cannot be written', () => {
  const shelf = open()
  const digest = digestOf({ n: 1 })
  const kept = () => {
    shelf.keep(digest, { n: 1 })
    return shelf.find(digest)?.used
  }
  expect([kept(), shelf.use(digest), kept()]).toEqual([false, undefined, false])
  shelf.use(digest)
  blocked(1)
  expect(kept()).toBe(false)
})

it('holds what it could not write no longer than until it could', () => {
  const shelf = open()
  const digest = blocked(1)
  shelf.keep(digest, { n: 1 })
  rmSync(barOf(1), { recursive: true })
  shelf.keep(digest, { n: 1 })
  shelf.use(digest)
  expect(shelf.find(digest)).toEqual({ plan: { n: 1 }, used: true })
  rmSync(fileOf(1))
  expect(shelf.find(digest)).toBeNull()
})

it('holds the twenty newest that it could not write', () => {
  const shelf = open()
  const isHeld = (n: number): boolean => shelf.find(digestOf({ n })) !== null
  for (let n = 0; n < 20; n += 1) shelf.keep(blocked(n), { n })
  expect([isHeld(0), isHeld(19)]).toEqual([true, true])
  shelf.keep(blocked(20), { n: 20 })
  expect([isHeld(0), isHeld(1), isHeld(20)]).toEqual([false, true, true])
})

it('holds no more bytes than sixteen MiB of those, but the newest whatever its size', () => {
  const large = openPlanShelf<{ n: number; text: string }>(dir, digestOf)
  const isHeld = (n: number): boolean => large.find(digestOf({ n })) !== null
  const keep = (n: number, mib: number): void => large.keep(blocked(n), { n, text: 'x'.repeat(mib * 1_048_576) })
  keep(0, 7)
  keep(1, 7)
  expect([isHeld(0), isHeld(1)]).toEqual([true, true])
  keep(2, 7)
  expect([isHeld(0), isHeld(1), isHeld(2)]).toEqual([false, true, true])
  keep(3, 17)
  expect([isHeld(1), isHeld(2), isHeld(3)]).toEqual([false, false, true])
})

it('marks none that it does not know', () => {
  const shelf = open()
  shelf.use(digestOf({ n: 1 }))
  expect([shelf.find(digestOf({ n: 1 })), readdirSync(join(dir, 'plans'))]).toEqual([null, []])
})

it('keeps so many bytes on disk and no more, the newest whatever its size', () => {
  const small = openPlanShelf<{ n: number; text: string }>(dir, digestOf, 25_000)
  const keep = (n: number, bytes: number): void => {
    small.keep(digestOf({ n }), { n, text: 'x'.repeat(bytes) })
    utimesSync(fileOf(n), 1_000 + n, 1_000 + n)
  }
  const left = () => [0, 1, 2, 3, 4].filter((n) => small.find(digestOf({ n })) !== null)
  for (const n of [0, 1]) keep(n, 10_000)
  expect(left()).toEqual([0, 1])
  keep(2, 10_000)
  expect(left()).toEqual([1, 2])
  keep(3, 40_000)
  expect(left()).toEqual([3])
  keep(4, 100)
  expect(left()).toEqual([4])
})

it('keeps the two hundred newest', () => {
  const shelf = open()
  const putOlder = (from: number, to: number): void => {
    for (let n = from; n < to; n += 1) {
      writeFileSync(fileOf(n), '')
      utimesSync(fileOf(n), 1_000 - n, 1_000 - n)
    }
  }
  putOlder(0, 149)
  shelf.keep(digestOf({ n: 199 }), { n: 199 })
  expect(readdirSync(join(dir, 'plans'))).toHaveLength(150)
  putOlder(149, 198)
  shelf.keep(digestOf({ n: 200 }), { n: 200 })
  expect(readdirSync(join(dir, 'plans'))).toHaveLength(200)
  for (const n of [201, 202]) shelf.keep(digestOf({ n }), { n })
  const left = readdirSync(join(dir, 'plans'))
  expect(left).toHaveLength(200)
  expect([195, 196, 197, 199, 200, 201, 202].map((n) => left.includes(`${digestOf({ n })}.json`))).toEqual([
    true,
    false,
    false,
    true,
    true,
    true,
    true,
  ])
})
