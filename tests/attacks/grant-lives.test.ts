import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createConfirming } from './confirming.ts'
import { nowSec } from './forged-tokens.ts'
import { clockFrom, diesBeforeApproval, diskFailsWhile } from './preloads.ts'
import { askDaemon, codeOf } from './raw-asking.ts'

describe('a confirmation in its time', () => {
  let parts: RunningParts
  let desk: ReturnType<typeof createConfirming>
  const agent = () => parts.running.get('host-agent')
  const restart = async (env: Readonly<Record<string, string>> = {}) => {
    await agent()?.stop()
    await parts.start('host-agent', env)
  }
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'host-agent'] })
    parts.writeScript('hello', 'echo hello')
    desk = createConfirming(parts, 'hello')
  }, 120_000)
  afterAll(() => parts?.stop())

  attackCase('G17', 'the daemon dies between burning and doing', async (it) => {
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    await restart(diesBeforeApproval)
    const shown = desk.grant(who, digest)
    let lost = ''
    await it.attack('the same confirmation after the restart', async () => {
      const answer = await desk.approve(who, digest, shown)
      expect([answer.status, answer.text]).toEqual([0, ''])
      lost = answer.requestId
      await until('it is dead', () => agent()?.child.exitCode !== null || agent()?.child.signalCode !== null, 30_000)
      await parts.start('host-agent')
      expect(codeOf(await desk.approve(who, digest, shown))).toEqual([409, 'AUTH_GRANT_USED'])
    })
    await it.control('a new plan', () => desk.works())
    await it.row('its outcome is unknown, and said so', () => expect(desk.outcomes(lost)).toEqual(['started', 'unknown']))
  })

  attackCase('G18', 'the daemon starts again between confirming, using and repeating', async (it) => {
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    const shown = desk.grant(who, digest)
    await restart()
    await it.control('what was confirmed before works once', async () => {
      expect((await desk.approve(who, digest, shown)).status).toBe(200)
    })
    await restart()
    let again = ''
    await it.attack('and no second time', async () => {
      const answer = await desk.approve(who, digest, shown)
      expect(codeOf(answer)).toEqual([409, 'AUTH_GRANT_USED'])
      again = answer.requestId
    })
    await it.row('denied', () => expect(desk.outcomes(again)).toEqual(['denied AUTH_GRANT_USED']))
  })

  attackCase('G19', 'the journal cannot be written', async (it) => {
    const broken = join(parts.folder, 'disk-is-broken')
    await restart(diskFailsWhile(broken))
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    const shown = desk.grant(who, digest)
    const before = desk.effects()
    await it.attack('confirmed while the disk fails', async () => {
      writeFileSync(broken, '')
      expect(codeOf(await desk.approve(who, digest, shown))).toEqual([503, 'AUDIT_UNAVAILABLE'])
      rmSync(broken)
      expect(desk.effects()).toBe(before)
    })
    await it.control('the same confirmation when it works again: it was not burnt', async () => {
      await until('it is carried out', async () => (await desk.approve(who, digest, shown)).status === 200, 30_000)
    })
    await it.row('one effect', () => expect(desk.effects()).toBe(before + 1))
  })

  attackCase('G4', 'fifty at once, over a connection each', async (it) => {
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    const shown = desk.grant(who, digest)
    const before = desk.effects()
    let answers: Awaited<ReturnType<typeof desk.approve>>[] = []
    await it.attack('the same confirmation', async () => {
      answers = await Promise.all(Array.from({ length: 50 }, () => desk.approve(who, digest, shown)))
      // A try without a good confirmation uses nothing of what the confirmed one may: all the others are told that it was used.
      const counts = Object.groupBy(answers, ({ status }) => status)
      expect([counts[200]?.length, counts[409]?.length, counts[429]?.length]).toEqual([1, 49, undefined])
    })
    await it.control('one of them worked', () => expect(answers.filter(({ status }) => status === 200)).toHaveLength(1))
    await it.row('one effect is on record', () => {
      expect(desk.effects()).toBe(before + 1)
      const [one] = answers.filter(({ status }) => status === 200)
      expect(desk.outcomes(one?.requestId ?? '')).toEqual(['started', 'done'])
    })
  })

  attackCase('G23', 'one plan, two confirmations', async (it) => {
    const [one, two] = [desk.somebody(), desk.somebody()]
    const { digest } = await desk.plan(one)
    const before = desk.effects()
    let third = ''
    await it.control('two people at once: one of them', async () => {
      const answers = await Promise.all([one, two].map((who) => desk.approve(who, digest, desk.grant(who, digest))))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    })
    await it.attack('a third, fresh one', async () => {
      const answer = await desk.approve(one, digest, desk.grant(one, digest))
      expect(codeOf(answer)).toEqual([409, 'PLAN_USED'])
      third = answer.requestId
      expect(desk.effects()).toBe(before + 1)
    })
    await it.row('begun, and failed', () => expect(desk.outcomes(third)).toEqual(['started', 'failed PLAN_USED']))
  })

  attackCase('G9', 'another clock', async (it) => {
    const file = join(parts.folder, 'clock')
    await restart(clockFrom(file))
    const set = (ms: number) => writeFileSync(file, String(ms))
    const minutes = (count: number) => count * 60_000
    const refused: string[] = []
    const try_ = async (who: ReturnType<typeof desk.somebody>, digest: string, shown: string, over: { authorization?: string } = {}) => {
      const answer = await desk.approve(who, digest, shown, over)
      if (answer.status !== 200) refused.push(answer.requestId)
      return codeOf(answer)
    }
    const who = desk.somebody()
    const { digest } = await desk.plan(who)
    const shown = desk.grant(who, digest)
    await it.attack('ten minutes back or ahead', async () => {
      for (const off of [-10, 10]) {
        set(minutes(off))
        expect(await try_(who, digest, shown)).toEqual([401, 'AUTH_TOKEN_INVALID'])
      }
    })
    await it.control('right', async () => {
      set(0)
      expect((await desk.approve(who, digest, shown)).status).toBe(200)
    })
    await it.attack('ahead, where another is used and the first is forgotten, and back again', async () => {
      set(minutes(10))
      const ahead = { iat: nowSec() + 600, exp: nowSec() + 720 }
      const later = desk.somebody()
      const inTen = desk.bearer(later, { iat: nowSec() + 600, exp: nowSec() + 900 })
      const plan = await askDaemon(parts.socketOf('host-agent'), 'scripts.plan', { authorization: inTen, args: { scriptId: 'hello' } })
      const other = String(/"digest":"([a-f0-9]{64})"/.exec(plan.text)?.[1])
      expect(await try_(later, other, desk.grant(later, other, ahead), { authorization: inTen })).toEqual([200, 'undefined'])
      set(0)
      expect(await try_(who, digest, shown)).toEqual([503, 'AUDIT_UNAVAILABLE'])
      await restart(clockFrom(file))
      expect(await try_(who, digest, shown)).toEqual([503, 'AUDIT_UNAVAILABLE'])
    })
    await it.row('each is on record', () => {
      expect(refused.map(desk.outcomes)).toEqual([
        ['denied AUTH_TOKEN_INVALID'],
        ['denied AUTH_TOKEN_INVALID'],
        ['denied AUDIT_UNAVAILABLE'],
        ['denied AUDIT_UNAVAILABLE'],
      ])
    })
  })
})
