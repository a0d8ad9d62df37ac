import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDeniedRows } from './denied-rows.ts'
import type { AuditLog, NewRow } from './log.ts'
import { aFolder, aKeyPair, aRow, openSample } from './sample-log.fake.ts'

const { key } = aKeyPair()
let folder: ReturnType<typeof aFolder>
let log: AuditLog
let ms: number
beforeEach(async () => {
  folder = aFolder()
  ms = 1_000_000
  log = await openSample({ dir: folder.dir, key, now: () => ms })
})
afterEach(async () => {
  await log.close()
  folder.remove()
})

const denied = (extra: Partial<NewRow> = {}) => aRow({ outcome: 'denied', code: 'FORBIDDEN', ...extra })

test('a flood leaves its first rows and one with the count of the rest; other rows stand between as they came', async () => {
  const rows = createDeniedRows({ append: log.append, now: () => ms })
  for (let index = 0; index < 1000; index += 1) {
    await rows.add(denied({ requestId: `r${index}`, target: `t${index}` }))
    if (index === 500) await log.append(aRow({ requestId: 'real' }))
  }
  await rows.add(denied({ actor: { kind: 'person', id: 'someone else' } }))
  expect(log.head.seq).toBe(7)
  await rows.flush()
  expect(log.head.seq).toBe(7)
  ms += 60_000
  await rows.flush()
  expect((await log.read()).rows.at(-1)).toMatchObject({ count: 995, requestId: 'r999', target: 't999', actor: { id: 'u1' } })
  expect((await log.read({ filter: { requestId: 'real' } })).rows).toHaveLength(1)
})

test('what was counted is recorded when the next one comes after the minute, and when all is flushed', async () => {
  const rows = createDeniedRows({ append: log.append, now: () => ms, each: 1 })
  await rows.add(denied())
  await rows.add(denied())
  ms += 61_000
  await rows.add(denied())
  expect((await log.read()).rows.map((row) => row.count)).toEqual([undefined, 1, undefined])
  await rows.add(denied())
  await rows.flush(true)
  expect((await log.read()).rows).toHaveLength(4)
})

test('many kinds do not grow without end, and none is lost', async () => {
  const rows = createDeniedRows({ append: log.append, now: () => ms, each: 1, maxKinds: 10 })
  for (let round = 0; round < 2; round += 1) for (let index = 0; index < 10; index += 1) await rows.add(denied({ code: `C${index}` }))
  expect(log.head.seq).toBe(10)
  for (let index = 10; index < 20; index += 1) await rows.add(denied({ code: `C${index}` }))
  expect(log.head.seq).toBe(30)
})
