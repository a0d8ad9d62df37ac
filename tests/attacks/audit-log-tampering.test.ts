import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { signCheckpoint } from '@console/audit-chain/checkpoint'
import { createCheckpointKeeper } from '@console/audit-chain/checkpoint-keeper'
import { createDeniedRows } from '@console/audit-chain/denied-rows'
import type { AuditLog, Checkpoint, Row } from '@console/audit-chain/log'
import { aFolder, aKeyPair, aRow, openSample, segmentFiles } from '@console/audit-chain/sample-log.fake'
import { anchored, careful, clumsy, makeSite, positions, rows, type Site, type Tampering } from '@console/audit-chain/tamper.fake'
import { type LogFolder, verifyLog, verifyLogs } from '@console/audit-chain/verifier'
import { attackCase } from '@console/testkit/attack'
import { rounds } from '@console/testkit/deep'
import { afterAll, beforeAll, describe, expect } from 'vitest'

const named = (list: readonly Tampering[], part: string): Tampering => {
  const found = list.find(({ name }) => name.includes(part))
  if (!found) throw new Error(`no tampering is called ${part}`)
  return found
}

// What the verifier tells of a row stands for the audit row in these cases: it is the audit log itself that is attacked.
describe('an audit log that is tampered with', () => {
  let site: Site
  beforeAll(async () => {
    site = await makeSite()
  })
  afterAll(() => site.folder.remove())

  const spoilt = ({ change }: Tampering, at: number): string => {
    const dir = site.copyOf()
    site.put(dir, change(site.all(dir), at))
    return dir
  }
  const verdictOf = async (dir: string) => (await verifyLogs(site.folders(dir)))[0]
  const untouched = async () => expect(await verdictOf(site.copyOf())).toMatchObject({ ok: true, size: rows, problems: [] })

  for (const [id, part, kind] of [
    ['U1', 'a row edited', 'edited'],
    ['U2', 'deleted from the middle', 'order'],
    ['U3', 'two rows swapped', 'order'],
    ['U4', 'a row inserted', 'order'],
  ] as const)
    attackCase(id, part, async (it) => {
      const seen: unknown[] = []
      await it.attack('at the ends of segments and between', async () => {
        for (const at of positions) {
          const verdict = await verdictOf(spoilt(named(clumsy, part), at))
          expect(verdict?.ok).toBe(false)
          seen.push([verdict?.problems[0]?.seq, verdict?.problems[0]?.kind])
        }
      })
      await it.control('the same log untouched', untouched)
      await it.row('the first bad row is named', () => expect(seen).toEqual(positions.map((at) => [at, kind])))
    })

  attackCase('U5', 'the last rows cut', async (it) => {
    const cut = named(clumsy, 'the last rows cut')
    await it.attack('behind and before the last checkpoint that another log holds', async () => {
      for (const at of positions) expect((await verdictOf(spoilt(cut, at)))?.ok).toBe(false)
      const dir = spoilt(cut, anchored - 1)
      site.sealAnew(dir)
      expect(await verdictOf(dir)).toMatchObject({ ok: false, problems: [{ kind: 'cut' }] })
    })
    await it.control('the same log untouched', untouched)
    await it.row('rows that no other log vouches for yet are counted, and only those can go unseen', async () => {
      expect(await verdictOf(site.copyOf())).toMatchObject({ anchoredTo: anchored, unanchored: rows - anchored })
      const dir = spoilt(cut, anchored)
      site.sealAnew(dir)
      expect(await verdictOf(dir)).toMatchObject({ ok: true, size: anchored, unanchored: 0 })
    })
  })

  attackCase('U6', 'everything deleted, or another log in its place', async (it) => {
    const fresh = spoilt(named(careful, 'replaced by a fresh log'), 0)
    site.sealAnew(fresh)
    await it.attack('the files gone, with and without their checkpoints; a log that begins anew', async () => {
      const dir = site.copyOf()
      for (const { path } of segmentFiles(dir)) rmSync(path)
      expect(await verdictOf(dir)).toMatchObject({ ok: false })
      rmSync(join(dir, 'host-agent.checkpoints'))
      expect(await verdictOf(dir)).toMatchObject({ ok: false })
      expect(await verifyLog(site.folders(fresh)[0] as LogFolder), 'the new chain alone holds').toMatchObject({ ok: true })
      expect(await verdictOf(fresh)).toMatchObject({
        ok: false,
        problems: expect.arrayContaining([expect.objectContaining({ kind: 'genesis' })]),
      })
    })
    await it.control('the beginning is the one that the verifier was told', async () => {
      const dir = site.copyOf()
      const genesis = site.genesisOf(dir)
      expect(await verifyLog({ ...(site.folders(dir)[0] as LogFolder), genesis })).toMatchObject({ ok: true })
      expect(await verifyLog({ ...(site.folders(fresh)[0] as LogFolder), genesis })).toMatchObject({
        ok: false,
        problems: [{ kind: 'genesis' }],
      })
    })
    await it.row('the other log still tells of the old one', async () => {
      const [, keeper] = await verifyLogs(site.folders(fresh))
      expect(keeper).toMatchObject({ ok: true })
    })
  })

  for (const [id, title, withKey] of [
    ['U7', 'a chain made anew', false],
    ['U8', 'a chain made anew and signed with the key of its log', true],
  ] as const)
    attackCase(id, title, async (it) => {
      const seen: string[] = []
      await it.attack('edited, deleted and renumbered, cut and filled up, replaced', async () => {
        for (const tampering of careful)
          for (const at of positions.slice(0, rounds({ test: 3, deep: positions.length }))) {
            const dir = spoilt(tampering, at)
            if (withKey) {
              site.sealAnew(dir)
              expect(await verifyLog(site.folders(dir)[0] as LogFolder), 'the chain alone holds').toMatchObject({ ok: true })
            }
            const verdict = await verdictOf(dir)
            expect([tampering.name, at, verdict?.ok]).toEqual([tampering.name, at, false])
            seen.push(verdict?.problems[0]?.kind ?? '')
          }
      })
      await it.control('the same log untouched', untouched)
      await it.row('each says what is wrong', () => expect(seen.filter((kind) => kind === '')).toEqual([]))
    })

  attackCase('U9', 'a folder set back to an earlier state', async (it) => {
    const back = named(clumsy, 'the last rows cut')
    const last = JSON.parse(site.all(site.copyOf())[rows - 1] as string) as Row
    const copy = (dir: string) =>
      signCheckpoint(site.victim.key, { log: 'host-agent', genesis: site.genesisOf(dir), size: rows, head: last.hash, at: last.at })
    const whole = spoilt(back, 90)
    site.sealAnew(whole)
    await it.attack('one part alone, and the whole machine', async () => {
      const dir = spoilt(back, 40)
      site.sealAnew(dir)
      expect(await verdictOf(dir)).toMatchObject({ ok: false, problems: [{ kind: 'cut' }] })
      expect((await verifyLogs(site.folders(whole), [{ by: 'copy', checkpoint: copy(whole) }]))[0]).toMatchObject({ ok: false })
    })
    await it.control('the same copy from outside bears out the log that was not set back', async () => {
      const dir = site.copyOf()
      expect((await verifyLogs(site.folders(dir), [{ by: 'copy', checkpoint: copy(dir) }]))[0]).toMatchObject({
        ok: true,
        anchoredTo: rows,
      })
    })
    await it.row('the first row that is missing is named', async () => {
      expect((await verifyLogs(site.folders(whole), [{ by: 'copy', checkpoint: copy(whole) }]))[0]?.problems[0]).toMatchObject({
        kind: 'cut',
        seq: 91,
      })
    })
  })
})

describe('a part of the exchange of checkpoints that lies or is silent', () => {
  const [own, other] = [aKeyPair(), aKeyPair()]
  const how = { publicKey: other.publicKey, requestId: 'r1' }
  const genesis = 'a'.repeat(64)
  const said = (size: number, over: Partial<Checkpoint> = {}, { key } = other): Checkpoint =>
    signCheckpoint(key, {
      log: 'docker-proxy',
      genesis,
      size,
      head: String(size).padStart(64, '0'),
      at: '2026-01-01T00:00:00.000Z',
      ...over,
    })
  const withLog = async (body: (log: AuditLog, clock: { ms: number }) => Promise<void>) => {
    const folder = aFolder()
    const clock = { ms: 1_000_000 }
    const log = await openSample({ dir: folder.dir, key: own.key, now: () => clock.ms })
    await body(log, clock).finally(async () => {
      await log.close()
      folder.remove()
    })
  }

  attackCase('U10', 'different statements to different others, a smaller one, an inconsistent one', (it) =>
    withLog(async (log, clock) => {
      await log.witness(said(5), how)
      const lies = [
        said(4),
        said(5, { head: 'f'.repeat(64) }),
        said(9, { genesis: 'b'.repeat(64) }),
        { ...said(9), size: 10 },
        said(9, {}, own),
        said(9, { log: 'host-agent' }),
      ]
      await it.attack('none is witnessed', async () => {
        for (const lie of lies) {
          clock.ms += 60_000
          await expect(log.witness(lie, how)).rejects.toMatchObject({ name: 'CheckpointRefused' })
        }
        expect(log.witnessed()).toEqual([said(5)])
      })
      await it.control('one that follows', async () => {
        await log.witness(said(6), how)
        expect(log.witnessed()).toEqual([said(6)])
      })
      await it.row('a row each says which', async () => {
        const denied = (await log.read()).rows.filter(({ outcome }) => outcome === 'denied')
        expect(denied.map(({ action, code }) => `${action} ${code}`)).toEqual(
          ['SMALLER', 'FORKED', 'GENESIS', 'SIGNATURE', 'SIGNATURE', 'OWN'].map((why) => `audit.checkpoint.refused CHECKPOINT_${why}`),
        )
      })
    }),
  )

  attackCase('U11', 'a clock that is set back, and rows of one time', (it) =>
    withLog(async (log, clock) => {
      await it.attack('an hour back, then the same millisecond again and again', async () => {
        await log.append(aRow())
        clock.ms -= 3_600_000
        await log.append(aRow())
        for (let n = 0; n < 5; n += 1) await log.append(aRow())
        const { rows: all } = await log.read()
        expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
      })
      await it.control('a clock that goes on', async () => {
        clock.ms += 2 * 3_600_000
        expect((await log.append(aRow())).seq).toBe(8)
      })
      await it.row('the verifier tells the row at which it went back, and takes it for no break', async () => {
        const verdict = await log.verify()
        expect(verdict).toMatchObject({ ok: true, size: 8 })
        expect(verdict.clockBack[0]).toBe(2)
      })
    }),
  )

  attackCase('U20', 'silence', async (it) => {
    let ms = 0
    const keeper = createCheckpointKeeper({ peers: ['docker-proxy'], now: () => ms })
    keeper.issued(10)
    await it.attack('nothing happens for an hour: a statement is due each minute all the same', () => {
      let issued = 0
      for (; ms < 3_600_000; ms += 1_000)
        if (keeper.due(10)) {
          keeper.issued(10)
          issued += 1
        }
      expect(issued).toBe(59)
    })
    await it.control('right after one none is due, until a hundred rows have come', () => {
      keeper.issued(10)
      expect([keeper.due(10), keeper.due(109), keeper.due(110)]).toEqual([false, false, true])
    })
    await it.row('a heartbeat of an idle log is taken by another log', () =>
      withLog(async (log) => {
        await log.witness(said(3), how)
        await log.witness(said(3, { at: '2026-01-01T00:01:00.000Z' }), how)
        expect((await log.read()).rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
          Array(2).fill('audit.checkpoint.witnessed done'),
        )
      }),
    )
  })

  attackCase('U23', 'a carrier that holds checkpoints back, or plays old ones', async (it) => {
    let ms = 0
    const keeper = createCheckpointKeeper({ peers: ['docker-proxy', 'platform-service'], now: () => ms })
    await it.attack('nothing of one part for five minutes; then an old statement', async () => {
      for (; ms < 300_000; ms += 10_000) keeper.received('platform-service')
      expect(keeper.newlyLate()).toMatchObject([
        { kind: 'not-witnessed' },
        { kind: 'not-received', peer: 'docker-proxy' },
        { kind: 'not-witnessed' },
      ])
      await withLog(async (log) => {
        await log.witness(said(5), how)
        for (const old of [said(5), said(4)]) await expect(log.witness(old, how)).rejects.toMatchObject({ name: 'CheckpointRefused' })
      })
    })
    await it.control('a new one ends the alarm', () => {
      keeper.received('docker-proxy')
      keeper.witnessed('docker-proxy')
      keeper.witnessed('platform-service')
      expect(keeper.late()).toEqual([])
    })
    await it.row('an old one leaves a refusal', () =>
      withLog(async (log) => {
        await log.witness(said(5), how)
        await log.witness(said(5), how).catch(() => undefined)
        expect((await log.read()).rows.at(-1)).toMatchObject({
          action: 'audit.checkpoint.refused',
          outcome: 'denied',
          code: 'CHECKPOINT_OLD',
        })
      }),
    )
  })

  attackCase('U14', 'rows that hold line ends, escapes, other rows and too much', (it) =>
    withLog(async (log) => {
      const nasty = ['a\nb', '{"seq":1}\n{"seq":2}', '\u001b[2J\u0000', '\u2028', 'x'.repeat(1_000_000)]
      await it.attack('each is one line that verifies', async () => {
        for (const text of nasty) await log.append(aRow({ input: { text, kept: text } }))
        await log.append(aRow({ target: 'line\nend' }))
        expect(await log.verify()).toMatchObject({ ok: true, size: nasty.length + 1 })
      })
      await it.control('an ordinary row', async () => expect((await log.append(aRow())).seq).toBe(nasty.length + 2))
      await it.row('what fits comes back as it was, what does not is cut and told', async () => {
        const { rows: all } = await log.read()
        expect(all.slice(0, 4).map(({ input }) => (input as { text: string }).text)).toEqual(nasty.slice(0, 4))
        expect(JSON.stringify(all[4]).length).toBeLessThan(100_000)
      })
    }),
  )

  attackCase('U15', 'many at once', (it) =>
    withLog(async (log) => {
      const many = rounds({ test: 1_000, deep: 10_000 })
      await it.attack('they make one dense chain', async () => {
        const taken = await Promise.all(Array.from({ length: many }, (_, n) => log.append(aRow({ requestId: `r${n}` }))))
        expect(taken.map(({ seq }) => seq)).toEqual(Array.from({ length: many }, (_, n) => n + 1))
        expect(await log.verify()).toMatchObject({ ok: true, size: many })
      })
      await it.control('one more', async () => expect((await log.append(aRow())).seq).toBe(many + 1))
      await it.row('each is there once', async () => {
        const { rows: all } = await log.read({ limit: 1_000 })
        expect(new Set(all.map(({ requestId }) => requestId)).size).toBe(Math.min(1_000, many))
      })
    }),
  )

  attackCase('U16', 'fields that are shifted or of another type', (it) =>
    withLog(async (log) => {
      const hashOf = async (over: Parameters<typeof aRow>[0]) => (await log.append(aRow(over))).hash
      await it.attack('what means something else has another hash', async () => {
        const hashes = await Promise.all(
          [
            { action: 'runs.start', target: 'webb' },
            { action: 'runs.startw', target: 'ebb' },
            { input: { a: 1 } },
            { input: { a: '1' } },
            { input: { a: '\u00e9' } },
            { input: { a: 'e\u0301' } },
            { input: { a: ['b', 'c'] } },
            { input: { a: ['bc'] } },
          ].map(hashOf),
        )
        expect(new Set(hashes).size).toBe(8)
      })
      await it.control('the order in which fields are named makes no difference to what is written', async () => {
        const one = await log.append(aRow({ input: { a: 1, b: 2 } }))
        const two = await log.append(aRow({ input: { b: 2, a: 1 } }))
        expect(JSON.stringify(one.input)).toBe(JSON.stringify(two.input))
      })
      await it.row('all of it verifies', async () => expect(await log.verify()).toMatchObject({ ok: true, size: 10 }))
    }),
  )

  attackCase('U17', 'a flood of refusals to bury one row', (it) =>
    withLog(async (log, clock) => {
      const denied = createDeniedRows({ append: (row) => log.append(row), now: () => clock.ms })
      const flood = aRow({
        action: 'containers.restart',
        outcome: 'denied',
        code: 'AUTH_FORBIDDEN',
        actor: { kind: 'person', id: 'flooder' },
      })
      await it.attack('a thousand refusals leave five rows and a count', async () => {
        for (let n = 0; n < 500; n += 1) await denied.add(flood)
        await denied.add(
          aRow({ action: 'scripts.approve', outcome: 'denied', code: 'AUTH_FORBIDDEN', actor: { kind: 'person', id: 'flooder' } }),
        )
        for (let n = 0; n < 500; n += 1) await denied.add(flood)
        clock.ms += 60_000
        await denied.flush()
        const { rows: all } = await log.read()
        expect(all.filter(({ action }) => action === 'containers.restart').map(({ count }) => count ?? 1)).toEqual([1, 1, 1, 1, 1, 995])
      })
      await it.control('somebody else’s refusals are rows of their own', async () => {
        await denied.add({ ...flood, actor: { kind: 'person', id: 'other' } })
        expect((await log.read()).rows.at(-1)).toMatchObject({ actor: { id: 'other' } })
      })
      await it.row('the one that was to be buried is found', async () => {
        expect((await log.read({ filter: { action: 'scripts.approve' } })).rows).toMatchObject([
          { outcome: 'denied', actor: { id: 'flooder' } },
        ])
      })
    }),
  )

  attackCase('U19', 'rows removed when their time is over', async (it) => {
    const folder = aFolder()
    let ms = 1_000_000
    const log = await openSample({ dir: folder.dir, key: own.key, segmentBytes: 3_000, now: () => ms })
    const fill = async (count: number) => {
      for (let n = 0; n < count; n += 1) {
        ms += 1_000
        await log.append(aRow())
      }
    }
    await fill(60)
    await it.attack('a segment deleted by hand is missed', async () => {
      const copy = aFolder()
      const spoilt = await openSample({ dir: copy.dir, key: own.key, segmentBytes: 3_000 })
      for (let n = 0; n < 60; n += 1) await spoilt.append(aRow())
      await spoilt.close()
      rmSync(segmentFiles(copy.dir)[0]?.path as string)
      const verdict = await verifyLog({ dir: copy.dir, log: 'host-agent', publicKey: own.publicKey })
      expect(verdict.problems[0]).toMatchObject({ seq: 1, kind: 'missing' })
      copy.remove()
    })
    let through = 0
    await it.control('whole sealed segments go, and the rest verifies', async () => {
      through = await log.removeBefore(ms - 20_000, 'r1')
      expect(through).toBeGreaterThan(10)
      expect(await log.verify()).toMatchObject({ ok: true, firstSeq: through + 1 })
    })
    await it.row('a row says which went', async () => {
      expect((await log.read({ order: 'desc', limit: 1 })).rows[0]).toMatchObject({
        action: 'audit.segments.removed',
        details: { through },
      })
    })
    await log.close()
    folder.remove()
  })
})
