import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
  const blocked = (n: number): string => {
    const digest = digestOf({ n })
    // Where the file would be written first stands a folder, so that writing fails as on a full disk.
    mkdirSync(join(dir, 'plans', `${digest}.json.${process.pid}.part`), { recursive: true })
    return digest
  }
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

it('keeps the two hundred newest', () => {
  const shelf = open()
  for (let n = 0; n < 203; n += 1) shelf.keep(digestOf({ n }), { n })
  expect(readdirSync(join(dir, 'plans'))).toHaveLength(200)
  expect(shelf.find(digestOf({ n: 202 }))).not.toBeNull()
})
