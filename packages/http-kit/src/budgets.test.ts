import { afterEach, describe, expect, it } from 'vitest'
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
