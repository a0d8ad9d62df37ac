import { describe, expect, it } from 'vitest'
import { healthOf, warningsOf } from './judge-instance.ts'
import { type Look, unknownLook } from './look-instance.ts'
import type { CronItem } from './probe/read-cron.ts'
import { backupOf } from './read-backup.ts'
import { unitOf } from './read-unit.ts'
import { cronItem, seen, seenDocument } from './seen-look.fake.ts'

const noon = new Date('2026-11-28T12:00:00.000Z')
const { unit, process, backup, instance } = seen()
const dead = { ...process, alive: false }
const noUnit = { ...unit, loaded: false, active: 'inactive', mainPid: null }
const noBus = { ...noUnit, status: 'unknown', reason: 'no_bus', active: null } as const
const idsOf = (look: Look) => warningsOf(look, noon).map(({ id, severity }) => `${severity} ${id}`)
const jobs = (...more: Partial<CronItem>[]) =>
  seen({}, { cron: { ...seenDocument.cron, items: more.map((one) => ({ ...cronItem, ...one })) } })

describe('how an agent is', () => {
  it.each([
    ['its unit is active and its process lives', {}, 'healthy'],
    ['its unit is active without a process', { process: dead }, 'unhealthy'],
    ['its unit has failed', { unit: { ...unit, active: 'failed' }, process: dead }, 'unhealthy'],
    ['it lives and does not answer', { answers: false }, 'unhealthy'],
    ['it lives without a unit', { unit: noUnit }, 'healthy'],
    ['it lives and its manager cannot be asked', { unit: noBus }, 'healthy'],
    ['nothing can be seen of it', { unit: noBus, process: dead }, 'unknown'],
    ['it has no unit and no process', { unit: noUnit, process: dead }, 'unknown'],
  ] as const)('is judged where %s', (_what, more, health) => {
    expect(healthOf(seen(more))).toBe(health)
  })

  it('is unknown where its home or its account is', () => {
    const look = unknownLook({ ...instance, backupRepo: null }, 'no_such_user', noon)
    expect([healthOf(look), idsOf(look)]).toEqual(['unknown', []])
    expect(idsOf({ ...look, reason: 'bad_output' })).toEqual(['info vm:home'])
  })
})

describe('what needs somebody', () => {
  it('is nothing where all is well', () => {
    expect(idsOf(seen())).toEqual([])
    expect(idsOf(seen({ backup: { ...backup, status: 'none', commits: [] } }))).toEqual([])
  })

  it('names the gateway that is gone, in one way', () => {
    expect(idsOf(seen({ unit: { ...unit, active: 'failed' }, process: dead }))).toEqual(['bad vm:unit'])
    expect(idsOf(seen({ process: dead }))).toEqual(['bad vm:process'])
    expect(idsOf(seen({ unit: noUnit, process: dead }))).toEqual(['bad vm:dead'])
    expect(idsOf(seen({ answers: false, unit: { ...unit, restarts: 5 } }))).toEqual(['bad vm:silent', 'warn vm:restarts'])
  })

  it('believes platforms of this run alone, and none of a dead one', () => {
    const [row] = seenDocument.gateway.platforms
    const platforms = (more: object) => ({ gateway: { ...seenDocument.gateway, platforms: row ? [{ ...row, ...more }] : [] } })
    expect(idsOf(seen({}, platforms({ state: 'retrying' })))).toEqual(['warn vm:platform:telegram'])
    expect(idsOf(seen({}, platforms({ needsAttention: true })))).toEqual(['warn vm:platform:telegram'])
    expect(idsOf(seen({}, platforms({ state: 'retrying', updatedAt: '2026-11-28T09:59:59.000Z' })))).toEqual([])
    expect(idsOf(seen({ process: dead, unit: noUnit }, platforms({ state: 'retrying' })))).toEqual(['bad vm:dead'])
  })

  it('tells a scheduler that stands still from one whose looks fail', () => {
    const [old, new_] = ['2026-11-28T11:56:39.000Z', '2026-11-28T11:56:41.000Z']
    expect(idsOf(seen({}, { ticker: { heartbeatAt: old, successAt: old } }))).toEqual(['warn vm:ticker'])
    expect(idsOf(seen({}, { ticker: { heartbeatAt: new_, successAt: old } }))).toEqual(['warn vm:ticks'])
    expect(idsOf(seen({}, { ticker: { heartbeatAt: new_, successAt: new_ } }))).toEqual([])
  })

  it('tells failed, undelivered and overdue jobs apart, and nothing of paused ones', () => {
    const found = jobs(
      { id: 'a', lastStatus: 'error', lastError: 'timed out' },
      { id: 'b', lastDeliveryError: 'chat not found' },
      { id: 'c', nextRunAt: '2026-11-28T11:49:59.000Z' },
      { id: 'd', nextRunAt: '2026-11-28T11:50:01.000Z' },
      { id: 'e', state: 'paused', lastStatus: 'error' },
    )
    expect(idsOf(found)).toEqual(['warn vm:job:a', 'warn vm:delivery:b', 'warn vm:overdue:c'])
  })

  it('calls a backup stale from 30:00 on, and says what was not pushed', () => {
    const at = (time: string, more = {}) => seen({ backup: { ...backup, ...more, commits: [{ hash: 'b', at: time, subject: '' }] } })
    expect(idsOf(at('2026-11-28T11:30:01.000Z'))).toEqual([])
    expect(idsOf(at('2026-11-28T11:30:00.000Z'))).toEqual(['warn vm:stale'])
    expect(idsOf(at('2026-11-28T12:02:00.000Z'))).toEqual(['warn vm:clock'])
    expect(idsOf(at('2026-11-28T11:59:00.000Z', { ahead: 2 }))).toEqual(['warn vm:ahead'])
    expect(idsOf(seen({ backup: { ...backup, commits: [] } }))).toEqual(['info vm:backup'])
  })

  it('says of each part that cannot be read that it is so, but not of one that is not there yet', () => {
    const spoilt = (reason: 'damaged' | 'not_initialised') => ({
      sessions: { ...seenDocument.sessions, status: 'unknown', reason } as const,
    })
    expect(idsOf(seen({}, spoilt('damaged')))).toEqual(['info vm:read:sessions'])
    expect(idsOf(seen({}, spoilt('not_initialised')))).toEqual([])
  })
})

describe('what other programs print', () => {
  const clock = { nowMs: noon.getTime(), uptimeSec: 1_000 }
  const named = { name: 'hermes-gateway.service', scope: 'user' } as const

  it('is read of a unit, and is unknown where its manager gave no answer', () => {
    const text =
      'LoadState=loaded\nActiveState=failed\nSubState=failed\nUnitFileState=enabled\nResult=exit-code\nNRestarts=7\nExecMainStatus=1\nMainPID=0\n'
    expect(unitOf(named, `${text}ActiveEnterTimestampMonotonic=400000000\n`, clock)).toMatchObject({
      ...{ status: 'up', loaded: true, active: 'failed', restarts: 7, lastExit: 1, mainPid: null, since: '2026-11-28T11:50:00.000Z' },
    })
    expect(unitOf(named, 'LoadState=not-found\nActiveState=inactive\nMainPID=[not set]\n', clock)).toMatchObject({
      loaded: false,
      mainPid: null,
    })
    expect(unitOf(named, '', clock)).toMatchObject({ status: 'unknown', reason: 'no_bus', active: null })
  })

  it('is read of a repository, whatever a subject holds', () => {
    const hash = 'c'.repeat(40)
    const log = `${hash}\u001f1764324000\u001f\u001b[31mred\u001b[0m password=abcdefgh\nno commit\n`
    const status = '# branch.oid x\n# branch.ab +3 -0\n1 .M N... 100644 100644 100644 a b SOUL.md\n? new\n'
    expect(backupOf({ log, status, objects: 'count: 1\nsize: 4\nsize-pack: 6\n' })).toEqual({
      ...{ changedFiles: 2, ahead: 3, sizeBytes: 10_240 },
      commits: [{ hash, at: '2025-11-28T10:00:00.000Z', subject: 'red password=[masked]' }],
    })
    expect(backupOf({ log: '', status: null, objects: '' })).toEqual({ changedFiles: null, ahead: null, sizeBytes: 0, commits: [] })
  })
})
