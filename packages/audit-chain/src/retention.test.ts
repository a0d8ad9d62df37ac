import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { aFolder, aKeyPair, aRow, openSample, segmentFiles } from './sample-log.fake.ts'
import { verifyLog } from './verifier.ts'

const { key, publicKey } = aKeyPair()
let folder: ReturnType<typeof aFolder>
let ms: number
beforeEach(() => {
  folder = aFolder()
  ms = 1_000_000
})
afterEach(() => folder.remove())

const open = () => openSample({ dir: folder.dir, key, segmentBytes: 3000, now: () => ms })

async function fill(log: Awaited<ReturnType<typeof open>>, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    ms += 1000
    await log.append(aRow())
  }
}

test('whole sealed segments go, a row says so, and the rest still verifies and can be gone on with', async () => {
  const log = await open()
  await fill(log, 60)
  const before = segmentFiles(folder.dir).length
  const through = await log.removeBefore(ms - 20_000, 'r1')
  expect(through).toBeGreaterThan(20)
  expect(segmentFiles(folder.dir).length).toBeLessThan(before)
  expect((await log.read({ limit: 1 })).rows[0]?.seq).toBe(through + 1)
  expect((await log.read({ order: 'desc', limit: 1 })).rows[0]).toMatchObject({
    action: 'audit.segments.removed',
    count: through,
    details: { through },
  })
  expect(await log.verify()).toMatchObject({ ok: true, firstSeq: through + 1, size: 61 })
  await log.close()
  const again = await open()
  await fill(again, 5)
  expect(await again.verify()).toMatchObject({ ok: true, size: 66 })
  await again.close()
})

test('the last segment, young segments, and those with an open intent stay', async () => {
  const log = await open()
  await fill(log, 3)
  expect(await log.removeBefore(ms + 1_000_000, 'r1')).toBe(0)
  await fill(log, 30)
  expect(await log.removeBefore(0, 'r1')).toBe(0)
  const intent = await log.append(aRow({ outcome: 'started' }))
  await fill(log, 60)
  expect(await log.removeBefore(ms + 1_000_000, 'r1')).toBeLessThan(intent.seq)
  await log.append(aRow({ of: intent.seq }))
  expect(await log.removeBefore(ms + 1_000_000, 'r1')).toBeGreaterThan(intent.seq)
  expect(await log.verify()).toMatchObject({ ok: true })
  await log.close()
})

test('segments that went without a row are missed', async () => {
  const log = await open()
  await fill(log, 60)
  await log.close()
  rmSync(segmentFiles(folder.dir)[0]?.path as string)
  expect((await verifyLog({ dir: folder.dir, log: 'host-agent', publicKey })).problems[0]).toMatchObject({ seq: 1, kind: 'missing' })
})
