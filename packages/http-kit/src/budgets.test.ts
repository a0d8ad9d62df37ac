import { createSlidingWindows } from '@console/verbs/sliding-window'
import { afterEach, describe, expect, it } from 'vitest'
import { attempted, countFlood, limited, refused, takeBudget, takeFlood } from './budgets.ts'
import { defaultLimits } from './limits.ts'
import { startToy, type Toy } from './toy-service.fake.ts'

describe('budgets', () => {
  let toy: Toy
  afterEach(() => toy?.app.close())
  const good = { body: { name: 'ab' } }
  const statuses = async (times: number, call: Parameters<Toy['send']>[2] = good) => {
    const seen = []
    for (let n = 0; n < times; n += 1) seen.push((await toy.send('POST', '/things', call)).status)
    return seen
  }

  it('give so many changes a minute and no more, and say when to go on', async () => {
    toy = await startToy({ maxChange: 3 })
    expect(await statuses(3)).toEqual([201, 201, 201])
    const fourth = await toy.send('POST', '/things', good)
    expect([fourth.status, (await fourth.json()) as object]).toMatchObject([429, { code: 'RATE_LIMITED' }])
    expect(Number(fourth.headers.get('retry-after'))).toBeGreaterThan(50)
    expect((await toy.send('GET', '/things/x')).status).toBe(200)
    toy.actor = { ...toy.actor, id: 'u2' }
    expect(await statuses(1)).toEqual([201])
    expect(toy.effects).toHaveLength(4)
  })

  it.each([
    { what: 'a refused role', role: 'viewer' as const, call: good, status: 403 },
    { what: 'bad input', role: 'admin' as const, call: { body: { name: 'a' } }, status: 400 },
    { what: 'a missing Origin', role: 'admin' as const, call: { ...good, headers: { origin: 'http://evil.test' } }, status: 403 },
  ])('are not used up by $what', async ({ role, call, status }) => {
    toy = await startToy({ maxChange: 3 })
    toy.actor = { ...toy.actor, role }
    expect(await statuses(10, call)).toEqual(Array(10).fill(status))
    toy.actor = { ...toy.actor, role: 'admin' }
    expect(await statuses(4)).toEqual([201, 201, 201, 429])
  })

  it('are not used up by a missing confirmation, nor by a log that cannot be written', async () => {
    toy = await startToy({ maxChange: 2, limits: { perMinute: { none: 9, read: 9, change: 2, destroy: 1 } } })
    for (let n = 0; n < 5; n += 1) expect((await toy.send('DELETE', '/things/x')).status).toBe(403)
    toy.auditFails = 'intent'
    expect(await statuses(3)).toEqual([503, 503, 503])
    toy.auditFails = 'never'
    expect(await statuses(3)).toEqual([201, 201, 429])
  })

  it('of refusals end them before the permission is looked at, of this risk alone, and the next row counts them', async () => {
    toy = await startToy({ limits: { refusalsPerMinute: 3 } })
    toy.actor = { ...toy.actor, id: 'flooder', role: 'viewer' }
    expect(await statuses(6)).toEqual([403, 403, 403, 429, 429, 429])
    expect(toy.rows.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual(Array(3).fill('denied AUTH_FORBIDDEN'))
    expect((await toy.send('GET', '/things/x')).status).toBe(200)
    toy.actor = { ...toy.actor, id: 'other' }
    expect(await statuses(1)).toEqual([403])
    expect(toy.rows.at(-1)).toMatchObject({ actor: { id: 'other' }, outcome: 'denied' })
  })
})

describe('one of a budget', () => {
  const open = (refusalsPerMinute = 3) => {
    const deps = {
      counters: createSlidingWindows(() => 1_000_000),
      limits: { ...defaultLimits, perMinute: { none: 2, read: 2, change: 2, destroy: 1 }, refusalsPerMinute },
    }
    const ask = (risk: string, actor: object = { kind: 'person', id: 'a' }) => {
      const request = { actor, ip: '192.0.2.1' } as never as Parameters<typeof takeBudget>[0]
      takeBudget(request, { risk } as never, deps)
      return request
    }
    return { deps, ask }
  }
  const spent = expect.objectContaining({ code: 'RATE_LIMITED', status: 429, headers: { 'retry-after': '60' } })

  it('is held until it is known whether anything was attempted, and only for what changes', () => {
    const { ask } = open()
    expect(ask('change').taken).toEqual({ budget: 'change a', refusal: 'refused change a' })
    expect(ask('destroy').taken).toEqual({ budget: 'destroy a', refusal: 'refused destroy a' })
    expect(ask('read').taken).toEqual({ budget: 'read a', refusal: null })
    expect(ask('none').taken).toEqual({ budget: 'none a', refusal: null })
  })

  it('is taken of a service never, and of nobody by the address', () => {
    const { ask } = open()
    for (let count = 0; count < 9; count += 1) expect(ask('change', { kind: 'service', id: 's' }).taken).toBeUndefined()
    expect(ask('read', { kind: 'anonymous', id: 'anonymous' }).taken?.budget).toBe('read address 192.0.2.1')
  })

  it('is used up by attempts alone; refusals use up a budget of their own', () => {
    const { ask, deps } = open()
    for (let count = 0; count < 2; count += 1) attempted(ask('change'), deps)
    for (let count = 0; count < 9; count += 1) expect(() => ask('change')).toThrow(spent)
    const other = { kind: 'person', id: 'b' }
    takeFlood('b')
    for (let count = 0; count < 3; count += 1) refused(ask('change', other), deps)
    expect(takeFlood('b')).toBe(0)
    for (let count = 0; count < 2; count += 1) expect(() => ask('change', other)).toThrow(spent)
    expect([takeFlood('b'), takeFlood('b'), takeFlood('a')]).toEqual([2, 0, 0])
    refused(ask('read', other), deps)
    attempted(ask('read', other), deps)
    expect(() => ask('read', other)).toThrow(spent)
  })

  it('for refusals is held for as long as one is judged, and free again when it is attempted or has to wait', () => {
    const { ask, deps } = open(1)
    for (let count = 0; count < 2; count += 1) attempted(ask('change'), deps)
    takeFlood('a')
    for (let count = 0; count < 2; count += 1) expect(() => ask('change')).toThrow(spent)
    expect(takeFlood('a')).toBe(0)
  })

  it('is settled once', () => {
    const { ask, deps } = open()
    const request = ask('change')
    attempted(request, deps)
    expect(request.taken).toBeNull()
    refused(request, deps)
    attempted({} as never, deps)
    refused({} as never, deps)
    attempted(ask('change'), deps)
    expect(() => ask('change')).toThrow(spent)
  })
})

describe('what there is to wait for', () => {
  it('is told in whole seconds, rounded up', () => {
    expect(() => limited(0)).not.toThrow()
    expect(() => limited(1)).toThrow(expect.objectContaining({ headers: { 'retry-after': '1' } }))
    expect(() => limited(59_001)).toThrow(expect.objectContaining({ headers: { 'retry-after': '60' } }))
  })

  it('is counted for ten thousand at most: then all begin anew', () => {
    // What other tests left is gone with the first flood, and what is left of that is taken.
    for (let one = 0; one < 10_001; one += 1) countFlood(`any ${one}`)
    for (let one = 0; one < 10_001; one += 1) takeFlood(`any ${one}`)
    countFlood('first')
    countFlood('first')
    expect(takeFlood('first')).toBe(2)
    countFlood('first')
    for (let one = 0; one < 9_999; one += 1) countFlood(`one ${one}`)
    expect(takeFlood('one 5')).toBe(1)
    countFlood('one 5')
    countFlood('one more')
    expect([takeFlood('first'), takeFlood('one more')]).toEqual([0, 0])
  })
})
