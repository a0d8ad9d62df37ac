import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeFs } from './audit-fs.ts'
import type { Row } from './log.ts'
import { openAuditLog } from './log.ts'
import { aFolder, aKeyPair, aRow, openSample, segmentFiles } from './sample-log.fake.ts'

const { key } = aKeyPair()
let folder: ReturnType<typeof aFolder>
beforeEach(() => {
  folder = aFolder()
})
afterEach(() => folder.remove())

test('rows come back as they were written and the chain verifies', async () => {
  const log = await openSample({ dir: folder.dir, key })
  const first = await log.append(aRow({ outcome: 'started', input: { b: 1, a: ['x', null] } }))
  await log.append(aRow({ of: first.seq }))
  expect(first).toMatchObject({ seq: 1, log: 'host-agent', input: { a: ['x', null], b: 1 } })
  expect((await log.read()).rows.map((row) => row.outcome)).toEqual(['started', 'done'])
  expect((await log.read({ order: 'desc', limit: 1 })).rows[0]?.seq).toBe(2)
  expect(await log.verify()).toMatchObject({ ok: true, size: 2, problems: [] })
  expect(log.pendingIntents()).toEqual([])
  await log.close()
})

test('files are for their owner alone', async () => {
  const dir = join(folder.dir, 'audit')
  const log = await openAuditLog({ dir, key, name: 'host-agent', reserveBytes: 1024 })
  await log.append(aRow())
  await log.checkpoint()
  await log.close()
  expect(statSync(dir).mode & 0o777).toBe(0o700)
  expect(readdirSync(dir).sort()).toEqual([
    'host-agent-000000000001.log',
    'host-agent.checkpoint',
    'host-agent.checkpoints',
    'host-agent.reserve',
  ])
  for (const file of readdirSync(dir)) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600)
})

test('5,000 appends at once make one dense chain in the order in which they were asked for', async () => {
  const log = await openSample({ dir: folder.dir, key, segmentBytes: 200_000 })
  const rows = await Promise.all(Array.from({ length: 5000 }, (_, index) => log.append(aRow({ requestId: `r${index}` }))))
  expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1))
  rows.forEach((row, index) => {
    expect(row.requestId).toBe(`r${index}`)
    expect(row.prev).toBe(index === 0 ? row.prev : rows[index - 1]?.hash)
  })
  expect(segmentFiles(folder.dir).length).toBeGreaterThan(3)
  expect(await log.verify()).toMatchObject({ ok: true, size: 5000 })
  await log.close()
})

test('appends that come together share a sync', async () => {
  let syncs = 0
  const fs: typeof nodeFs = {
    ...nodeFs,
    open: async (path, how) => {
      const file = await nodeFs.open(path, how)
      return {
        ...file,
        datasync: () => {
          syncs += 1
          return file.datasync()
        },
      }
    },
  }
  const log = await openSample({ dir: folder.dir, key, fs })
  await log.append(aRow())
  syncs = 0
  await Promise.all(Array.from({ length: 300 }, () => log.append(aRow())))
  expect(syncs).toBeLessThanOrEqual(2)
  await log.close()
})

test('a row is not given as written before it is durable', async () => {
  let release = () => {}
  let held = false
  const fs: typeof nodeFs = {
    ...nodeFs,
    open: async (path, how) => {
      const file = await nodeFs.open(path, how)
      return {
        ...file,
        datasync: async () => {
          if (held)
            await new Promise<void>((done) => {
              release = done
            })
          await file.datasync()
        },
      }
    },
  }
  const log = await openSample({ dir: folder.dir, key, fs })
  await log.append(aRow())
  held = true
  let resolved = false
  const waiting = log.append(aRow({ outcome: 'started' })).then(() => {
    resolved = true
  })
  await new Promise((done) => setImmediate(() => setImmediate(done)))
  expect([resolved, log.head.seq, (await log.read()).rows.length, log.pendingIntents().length]).toEqual([false, 1, 1, 0])
  expect(await log.verify()).toMatchObject({ ok: true, size: 1 })
  release()
  await waiting
  expect(log.head.seq).toBe(2)
  await log.close()
})

test('a log goes on where it ended, over segments and openings', async () => {
  for (let round = 0; round < 4; round += 1) {
    const log = await openSample({ dir: folder.dir, key, segmentBytes: 2000 })
    expect(log.head.seq).toBe(round * 10)
    for (let index = 0; index < 10; index += 1) await log.append(aRow())
    expect(await log.verify()).toMatchObject({ ok: true, size: round * 10 + 10 })
    await log.close()
  }
})

test('reading pages through everything once, in both directions, with every filter', async () => {
  let ms = 1_000_000
  const log = await openSample({ dir: folder.dir, key, segmentBytes: 3000, now: () => ms })
  const all: Row[] = []
  for (let index = 0; index < 60; index += 1) {
    const auth = index % 3 === 0
    ms += 1000
    all.push(
      await log.append(
        aRow({
          action: auth ? 'auth.login' : index % 3 === 1 ? 'authz.check' : 'runs.start',
          actor: { kind: 'person', id: `u${index % 4}` },
          outcome: index % 5 === 0 ? 'denied' : 'done',
          requestId: `r${index}`,
          target: `t${index % 2}`,
        }),
      ),
    )
  }
  for (const order of ['asc', 'desc'] as const) {
    const seen: Row[] = []
    for (let next: number | undefined; ; ) {
      const page = await log.read({ order, limit: 7, ...(next !== undefined && (order === 'asc' ? { after: next } : { before: next })) })
      seen.push(...page.rows)
      next = page.next
      if (next === undefined) break
    }
    expect(seen).toEqual(order === 'asc' ? all : [...all].reverse())
  }
  const seqs = async (filter: Parameters<typeof log.read>[0]) => (await log.read(filter)).rows.map((row) => row.seq)
  const which = (keep: (row: Row) => boolean) => all.filter(keep).map((row) => row.seq)
  expect(await seqs({ filter: { action: 'auth' } })).toEqual(which((row) => row.action === 'auth.login'))
  expect(await seqs({ filter: { action: 'auth.' } })).toEqual(which((row) => row.action === 'auth.login'))
  expect(await seqs({ filter: { action: 'runs.start', actor: 'u1', outcome: 'done', target: 't1' } })).toEqual(
    which((row) => row.action === 'runs.start' && row.actor.id === 'u1' && row.outcome === 'done' && row.target === 't1'),
  )
  expect(await seqs({ filter: { requestId: 'r17' } })).toEqual([18])
  const [from, to] = [all[10]?.at as string, all[20]?.at as string]
  expect(await seqs({ filter: { from, to } })).toEqual(which((row) => row.at >= from && row.at <= to))
  expect(await log.read({ filter: { requestId: 'none' }, maxScanBytes: 500 })).toMatchObject({ rows: [], next: 2 })
  await log.close()
})

test('lines longer than what is read at once come whole, from both ends', async () => {
  const log = await openSample({ dir: folder.dir, key })
  const count = 120
  await Promise.all(Array.from({ length: count }, (_, index) => log.append(aRow({ input: { text: 'x'.repeat(8000 - index) } }))))
  const rows = (await log.read({ limit: 1000 })).rows
  expect(rows).toHaveLength(count)
  expect((await log.read({ order: 'desc', limit: 1000 })).rows).toEqual([...rows].reverse())
  await log.close()
})

test('intents that a crash left open are listed and closed as unknown, once', async () => {
  const log = await openSample({ dir: folder.dir, key, segmentBytes: 1500 })
  const kept = await log.append(aRow({ outcome: 'started', requestId: 'kept' }))
  const closed = await log.append(aRow({ outcome: 'started', requestId: 'closed' }))
  const lost = await log.append(aRow({ outcome: 'started', requestId: 'lost', risk: 'change' }))
  await log.append(aRow({ of: closed.seq }))
  for (let index = 0; index < 20; index += 1) await log.append(aRow())
  expect(await log.closeStaleIntents()).toEqual([])
  await log.close()

  const again = await openSample({ dir: folder.dir, key, segmentBytes: 1500 })
  const young = await again.append(aRow({ outcome: 'started', requestId: 'young' }))
  expect(again.pendingIntents().map((row) => row.requestId)).toEqual(['kept', 'lost', 'young'])
  const rows = await again.closeStaleIntents({ keep: (row) => row.seq === kept.seq })
  expect(rows).toMatchObject([{ outcome: 'unknown', of: lost.seq, requestId: 'lost', risk: 'change', action: 'runs.start' }])
  expect(await again.closeStaleIntents({ keep: (row) => row.seq === kept.seq })).toEqual([])
  expect(again.pendingIntents().map((row) => row.seq)).toEqual([kept.seq, young.seq])
  await again.close()
})

test('open intents are found even when the summary of earlier segments is gone', async () => {
  const log = await openSample({ dir: folder.dir, key, segmentBytes: 1500 })
  await log.append(aRow({ outcome: 'started', requestId: 'lost' }))
  for (let index = 0; index < 20; index += 1) await log.append(aRow())
  await log.close()
  rmSync(join(folder.dir, 'host-agent.summary.json'))
  const again = await openSample({ dir: folder.dir, key, segmentBytes: 1500 })
  expect(again.pendingIntents().map((row) => row.requestId)).toEqual(['lost'])
  await again.close()
})

test('intents of this life that got old are closed as well when asked', async () => {
  let ms = 0
  const log = await openSample({ dir: folder.dir, key, now: () => ms })
  await log.append(aRow({ outcome: 'started', requestId: 'old' }))
  ms = 10_000
  await log.append(aRow({ outcome: 'started', requestId: 'young' }))
  expect((await log.closeStaleIntents({ olderThanMs: 5000 })).map((row) => row.requestId)).toEqual(['old'])
  await log.close()
})

test('a clock that goes back is flagged in the row and told by the verifier', async () => {
  const times = [1000, 2000, 1500, 1500, 3000]
  let ms = 0
  const log = await openSample({ dir: folder.dir, key, now: () => ms })
  for (const time of times) {
    ms = time
    await log.append(aRow())
  }
  expect((await log.read()).rows.map((row) => row.clockBack ?? false)).toEqual([false, false, true, false, false])
  expect(await log.verify()).toMatchObject({ ok: true, clockBack: [3] })
  await log.close()
})

test('a closed log takes no rows and says so', async () => {
  const log = await openSample({ dir: folder.dir, key })
  const last = log.append(aRow())
  await log.close()
  expect((await last).seq).toBe(1)
  await expect(log.append(aRow())).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE', trouble: 'closed' })
})

test('a second writer is noticed before it harms the chain', async () => {
  const one = await openSample({ dir: folder.dir, key })
  await one.append(aRow())
  const two = await openSample({ dir: folder.dir, key })
  await two.append(aRow())
  await expect(one.append(aRow())).rejects.toMatchObject({ trouble: 'foreign' })
  expect(await two.verify()).toMatchObject({ ok: true, size: 2 })
  await two.append(aRow())
  await one.close()
  await two.close()
})

test('a name or a key that cannot be right is refused', async () => {
  await expect(openSample({ dir: folder.dir, key, name: '../x' })).rejects.toThrow(TypeError)
  await expect(openSample({ dir: folder.dir, key: aKeyPair().publicKey })).rejects.toThrow(TypeError)
})
