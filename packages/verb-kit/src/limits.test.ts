import { defineVerb, type Verb } from '@console/verbs/verb'
import { describe, expect, it } from 'vitest'
import type { Caller } from './caller.ts'
import { createLimiter, type DaemonLimits, defaultDaemonLimits } from './limits.ts'

const verb: Verb = defineVerb({
  id: 'things.touch',
  daemon: 'docker-proxy',
  risk: 'change',
  role: 'operator',
  service: true,
  args: { container: { is: 'ref' } },
  limits: [
    { per: 'container', max: 2, windowMs: 300_000 },
    { per: 'actor', max: 3, windowMs: 60_000 },
    { per: 'host', max: 5, windowMs: 60_000 },
  ],
  runs: 'none',
})
const look: Verb = { ...verb, id: 'things.look', risk: 'read' }
const person = (id: string): Caller => ({ kind: 'person', id, sid: 's', role: 'admin', amr: ['pwd'] })
const backend: Caller = { kind: 'service', id: 'system:devops-backend' }
const open = (over: Partial<DaemonLimits> = {}) => {
  const clock = { ms: 1_000_000 }
  const limiter = createLimiter({ ...defaultDaemonLimits, ...over }, () => clock.ms)
  return { clock, limiter, touch: (who: string, container: string) => limiter.takeObjects(verb, person(who), { container }) }
}
const limited = (retryAfterSec: number, words: string) =>
  expect.objectContaining({ code: 'RATE_LIMITED', status: 429, retryAfterSec, message: expect.stringContaining(words) })

describe('the limits of a daemon', () => {
  it('are these where nothing else is said', () => {
    expect(defaultDaemonLimits).toEqual({
      perMinute: { read: 600, change: 30, destroy: 10 },
      refusalsPerMinute: 60,
      followsPerActor: 5,
      follows: 50,
      streamMinutes: 30,
    })
  })

  it('count each person and each risk by itself, for a minute, and the backend not at all', () => {
    const { clock, limiter } = open({ perMinute: { read: 1, change: 2, destroy: 1 } })
    limiter.takeActor(verb, person('a'))
    clock.ms += 10_500
    limiter.takeActor(verb, person('a'))
    expect(() => limiter.takeActor(verb, person('a'))).toThrow(limited(50, 'Too many requests. Try again in 50 s.'))
    limiter.takeActor(look, person('a'))
    limiter.takeActor(verb, person('b'))
    for (let count = 0; count < 9; count += 1) limiter.takeActor(verb, backend)
    clock.ms += 49_500
    limiter.takeActor(verb, person('a'))
    expect(() => limiter.takeActor(verb, person('a'))).toThrow(limited(11, 'Try again in 11 s.'))
  })

  it('count each object of a verb, each person and the host', () => {
    const { touch, limiter } = open()
    touch('a', 'one')
    touch('b', 'one')
    expect(() => touch('c', 'one')).toThrow(limited(300, 'things.touch may be asked 2 times in 300 s per container.'))
    touch('a', 'two')
    touch('a', 'three')
    expect(() => touch('a', 'four')).toThrow(limited(60, 'per actor'))
    touch('d', 'five')
    expect(() => touch('e', 'six')).toThrow(limited(60, 'per host'))
    limiter.takeObjects({ ...verb, id: 'things.other' }, person('e'), { container: 'one' })
    for (let count = 0; count < 9; count += 1) limiter.takeObjects(verb, backend, { container: 'one' })
  })

  it('count nothing of what one of them refuses, so that nobody uses up those of others', () => {
    const { touch } = open()
    for (const container of ['x', 'y', 'z']) touch('a', container)
    for (let count = 0; count < 9; count += 1) expect(() => touch('a', 'one')).toThrow(limited(60, 'per actor'))
    touch('b', 'one')
    touch('c', 'one')
    expect(() => touch('d', 'one')).toThrow(limited(300, 'per container'))
  })

  it('are those of the host whatever is asked of it, also where an argument has that name', () => {
    const { limiter } = open()
    const ofHost: Verb = { ...verb, limits: [{ per: 'host', max: 1, windowMs: 60_000 }] }
    limiter.takeObjects(ofHost, person('a'), { container: 'one', host: 'one' })
    expect(() => limiter.takeObjects(ofHost, person('b'), { container: 'two', host: 'two' })).toThrow(limited(60, 'per host'))
  })

  it('take back all that an attempt cost which reached nothing', () => {
    const { touch } = open()
    for (let count = 0; count < 20; count += 1) touch('a', 'one')()
    touch('a', 'one')
    touch('a', 'one')
    expect(() => touch('a', 'one')).toThrow(limited(300, 'per container'))
  })

  it('say when refusals of somebody are no longer worth a row each', () => {
    const { limiter, clock } = open({ refusalsPerMinute: 2 })
    const asked = (who: string) => limiter.takeRefusal(who)
    expect([asked('a'), asked('a'), asked('a'), asked('b')]).toEqual([true, true, false, true])
    clock.ms += 60_000
    expect(asked('a')).toBe(true)
  })

  it('count who is refused what destroys apart, and the backend not at all', () => {
    const { limiter, clock } = open({ refusalsPerMinute: 2, perMinute: { read: 9, change: 9, destroy: 1 } })
    const destroy: Verb = { ...verb, risk: 'destroy' }
    for (let count = 0; count < 2; count += 1) limiter.takeUnconfirmed(person('a'))
    expect(() => limiter.takeUnconfirmed(person('a'))).toThrow(limited(60, 'without a confirmation'))
    limiter.takeActor(destroy, person('a'))
    limiter.takeUnconfirmed(person('b'))
    for (let count = 0; count < 9; count += 1) limiter.takeUnconfirmed(backend)
    clock.ms += 60_000
    limiter.takeUnconfirmed(person('a'))
  })

  it('count what was done before this process', () => {
    const { limiter } = open({ perMinute: { read: 9, change: 2, destroy: 1 } })
    limiter.restore('change', 'a', 20_000)
    limiter.restore('change', 'b', 60_000)
    limiter.takeActor(verb, person('a'))
    expect(() => limiter.takeActor(verb, person('a'))).toThrow(limited(40, 'Too many'))
    limiter.takeActor(verb, person('b'))
    limiter.takeActor(verb, person('b'))
  })
})
