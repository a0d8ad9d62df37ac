import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { type RunningParts, startParts } from '@console/testkit/running-parts'
import { canonical, type Plain } from '@console/verbs/canonical'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createConfirming, type Plan } from './confirming.ts'
import { askDaemon, codeOf } from './raw-asking.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
/** As the dashboard does it: from the very object that it showed. */
const digestOf = (plan: unknown) => sha256(canonical(plan as Plain))

describe('the plan that a confirmation is for', () => {
  let parts: RunningParts
  let desk: ReturnType<typeof createConfirming>
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'host-agent'] })
    parts.writeScript('hello', 'echo hello')
    desk = createConfirming(parts, 'hello')
  }, 120_000)
  afterAll(() => parts?.stop())

  attackCase('G13', 'what was confirmed is changed before it is carried out', async (it) => {
    const who = desk.somebody()
    const edited = await desk.plan(who)
    const before = desk.effects()
    const file = join(parts.folder, 'host-agent/plans', `${edited.digest}.json`)
    const answers: string[] = []
    await it.attack('the stored plan on disk, and the file that it names', async () => {
      writeFileSync(file, JSON.stringify({ plan: { ...edited.plan, user: 'nobody' }, used: false }))
      const one = await desk.approve(who, edited.digest, desk.grant(who, edited.digest))
      expect(codeOf(one)).toEqual([409, 'PLAN_NOT_FOUND'])
      parts.writeScript('hello', 'echo something else')
      const { digest } = await desk.plan(who)
      parts.writeScript('hello', 'echo hello')
      const two = await desk.approve(who, digest, desk.grant(who, digest))
      expect(codeOf(two)).toEqual([409, 'SCRIPT_CHANGED'])
      answers.push(one.requestId, two.requestId)
      expect(desk.effects()).toBe(before)
    })
    await it.control('unchanged', () => desk.works())
    await it.row('begun, and failed', () => {
      expect(answers.map(desk.outcomes)).toEqual([
        ['started', 'failed PLAN_NOT_FOUND'],
        ['started', 'failed SCRIPT_CHANGED'],
      ])
    })
  })

  attackCase('G14', 'a backend shows another plan than the daemon’s', async (it) => {
    const who = desk.somebody()
    const { plan, digest }: Plan = await desk.plan(who)
    const shown: [string, Record<string, unknown>][] = [
      ['text shortened', { ...plan, text: String(plan.text).slice(0, -5) }],
      ['a twin letter', { ...plan, text: String(plan.text).replace('echo', 'еcho') }],
      ['another host', { ...plan, hostId: 'other' }],
      ['another account', { ...plan, user: 'nobody' }],
      ['a longer time', { ...plan, timeoutSec: Number(plan.timeoutSec) + 1 }],
      ['one variable more', { ...plan, variables: ['EXTRA'] }],
      ['a field less', Object.fromEntries(Object.entries(plan).filter(([name]) => name !== 'previousText'))],
    ]
    const asked: string[] = []
    await it.attack('the person confirms what they saw', async () => {
      for (const [what, lie] of shown) {
        const answer = await desk.approve(desk.somebody(), digestOf(lie), undefined)
        expect(answer.status).toBe(403)
        const liar = desk.somebody()
        const confirmed = await desk.approve(liar, digestOf(lie), desk.grant(liar, digestOf(lie)))
        expect([what, ...codeOf(confirmed)]).toEqual([what, 409, 'PLAN_NOT_FOUND'])
        asked.push(confirmed.requestId)
      }
    })
    await it.control('another order of the fields changes nothing', async () => {
      const turned = Object.fromEntries(Object.entries(plan).reverse())
      expect(digestOf(turned)).toBe(digest)
      expect((await desk.approve(who, digestOf(turned), desk.grant(who, digestOf(turned)))).status).toBe(200)
    })
    await it.row('each failed', () => {
      expect(asked.map(desk.outcomes)).toEqual(asked.map(() => ['started', 'failed PLAN_NOT_FOUND']))
    })
  })

  attackCase('G15', 'a backend sends a false digest beside the true plan', async (it) => {
    const who = desk.somebody()
    const { plan } = await desk.plan(who)
    const lie = sha256('another plan')
    let refused = ''
    await it.attack('the digest that was sent is used', async () => {
      const answer = await desk.approve(who, lie, desk.grant(who, lie))
      expect(codeOf(answer)).toEqual([409, 'PLAN_NOT_FOUND'])
      refused = answer.requestId
    })
    await it.control('the dashboard makes its own from what it showed', async () => {
      expect((await desk.approve(who, digestOf(plan), desk.grant(who, digestOf(plan)))).status).toBe(200)
    })
    await it.row('failed', () => expect(desk.outcomes(refused)).toEqual(['started', 'failed PLAN_NOT_FOUND']))
  })

  attackCase('G16', 'values with more than one text', async (it) => {
    const who = desk.somebody()
    const before = parts.rows('host-agent').length
    await it.attack('in the browser, and at the daemon', async () => {
      for (const odd of [1.5, -0, 2 ** 53, '\ud800', { 'a b': 1 }, JSON.parse('{"__proto__":1}'), undefined, Number.NaN])
        expect(() => canonical({ v: 1, odd } as unknown as Plain)).toThrow(TypeError)
      const bodies = [
        '{"scriptId":"hello","timeoutSec":1.5}',
        '{"scriptId":"hello","timeoutSec":-0}',
        '{"scriptId":"hello","timeoutSec":9007199254740992}',
        '{"scriptId":"hello","user":"\\ud800"}',
        '{"scriptId":"hello","scriptId":"other"}',
        '{"scriptId":"hello","__proto__":{"user":"nobody"}}',
        JSON.stringify({ scriptId: 'hello', variables: Array.from({ length: 10_001 }, (_, n) => `V${n}`) }),
      ]
      for (const args of bodies) {
        const answer = await askDaemon(parts.socketOf('host-agent'), 'scripts.plan', { authorization: desk.bearer(who), args })
        expect([args.slice(0, 60), answer.status]).toEqual([args.slice(0, 60), 400])
      }
    })
    await it.control('whole numbers and one text', async () => expect((await desk.plan(who)).plan.timeoutSec).toEqual(expect.any(Number)))
    await it.row('bad input is no refusal: nothing was begun', () => {
      expect(
        parts
          .rows('host-agent')
          .slice(before)
          .filter(({ outcome }) => outcome === 'started'),
      ).toEqual([])
    })
  })
})
