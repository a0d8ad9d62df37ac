import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startToy, type Toy } from '@console/http-kit/toy-service.fake'
import { attackCase } from '@console/testkit/attack'
import { aService } from '@console/testkit/people'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, afterEach, beforeAll, describe, expect, vi } from 'vitest'

describe('the limits of an actor', () => {
  let parts: RunningParts
  let admin: Person
  let somebody = 0
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'devops-backend'] })
    admin = await parts.setUp()
  }, 120_000)
  afterAll(() => parts?.stop())

  /** Somebody with budgets of their own. */
  const colleague = (role: 'viewer' | 'operator' | 'admin'): Promise<Person> => {
    somebody += 1
    return parts.invite(admin, `${role}-${somebody}@example.net`, { 'bytelyst-devops': role })
  }
  let services = 0
  const change = ({ devops }: Person, headers = {}) => {
    services += 1
    return devops.post('/services', aService(`svc-${services}`), headers)
  }
  const remove = ({ devops }: Person) => devops.call('DELETE', '/services/none', { body: {} })
  const rowsOf = (person: Person) => parts.rows('devops-backend').filter(({ actor }) => actor.id === person.id)
  const statuses = async (times: number, call: () => Promise<{ status: number }>) => {
    const seen: number[] = []
    for (let n = 0; n < times; n += 1) seen.push((await call()).status)
    return seen
  }

  attackCase('L1', 'one more than is allowed', async (it) => {
    const operator = await colleague('operator')
    await it.attack('the 31st change and the 601st read of a minute', async () => {
      expect(await statuses(30, () => change(operator))).toEqual(Array(30).fill(201))
      const more = await change(operator)
      expect([more.status, more.body.code]).toEqual([429, 'RATE_LIMITED'])
      expect(Number(more.headers['retry-after'])).toBeGreaterThan(0)
      const viewer = await colleague('viewer')
      const reads: number[] = []
      for (let n = 0; n < 60; n += 1)
        reads.push(...(await Promise.all(Array.from({ length: 10 }, () => viewer.devops.get('/settings')))).map(({ status }) => status))
      expect(new Set(reads)).toEqual(new Set([200]))
      expect((await viewer.devops.get('/settings')).status).toBe(429)
    })
    await it.control('a read beside the changes, and a change by somebody else', async () => {
      expect((await operator.devops.get('/settings')).status).toBe(200)
      expect((await change(await colleague('operator'))).status).toBe(201)
    })
    await it.row('thirty intents and thirty outcomes, and none for what was never looked at', () => {
      expect(rowsOf(operator).filter(({ outcome }) => outcome === 'started')).toHaveLength(30)
      expect(rowsOf(operator).filter(({ outcome }) => outcome === 'done')).toHaveLength(30)
    })
  })

  attackCase('L2', 'an actor who says to be at many addresses', async (it) => {
    const operator = await colleague('operator')
    await it.attack('one budget whatever the headers say', async () => {
      let n = 0
      const spoofed = () => {
        n += 1
        const address = `2001:db8:${n.toString(16)}::1`
        return change(operator, {
          'x-forwarded-for': address,
          forwarded: `for="[${address}]"`,
          'x-real-ip': address,
          'x-client-ip': address,
          'true-client-ip': address,
        })
      }
      expect(await statuses(31, spoofed)).toEqual([...Array(30).fill(201), 429])
      const second = await parts.signIn(operator.email)
      expect((await change(second)).status).toBe(429)
    })
    await it.control('somebody else at the same address', async () => expect((await change(await colleague('operator'))).status).toBe(201))
    await it.row('the rows name the address of the connection', () => {
      const addresses = rowsOf(operator).map((row) => (row as { address?: string }).address)
      expect(new Set(addresses.filter(Boolean))).toEqual(new Set(['127.0.0.1']))
    })
  })

  attackCase('L3', 'attempts that come to nothing', async (it) => {
    const person = await colleague('admin')
    await it.attack('refused and malformed attempts use up neither budget', async () => {
      expect(await statuses(25, () => remove(person))).toEqual(Array(25).fill(403))
      expect(await statuses(25, () => person.devops.post('/services', { name: 'x' }))).toEqual(Array(25).fill(400))
      expect(await statuses(5, () => person.devops.post('/services', {}, { 'x-csrf-token': 'wrong' }))).toEqual(Array(5).fill(403))
    })
    await it.control('all thirty changes are still there', async () => {
      expect(await statuses(31, () => change(person))).toEqual([...Array(30).fill(201), 429])
    })
    await it.row('each refusal has its row, bad input has none', () => {
      const denied = rowsOf(person).filter(({ outcome }) => outcome === 'denied')
      expect(denied.map(({ code }) => code)).toEqual([...Array(25).fill('AUTH_GRANT_REQUIRED'), ...Array(5).fill('AUTH_CSRF_INVALID')])
    })
  })

  attackCase('L8', 'somebody who asks again and again for what they may not do', async (it) => {
    const viewer = await colleague('viewer')
    await it.attack('sixty refusals, then no look at the permission any more', async () => {
      expect(await statuses(75, () => change(viewer))).toEqual([...Array(60).fill(403), ...Array(15).fill(429)])
    })
    await it.control('reads of the same person, and changes of another', async () => {
      expect((await viewer.devops.get('/settings')).status).toBe(200)
      expect((await change(await colleague('operator'))).status).toBe(201)
    })
    await it.row('sixty rows and no more', () => {
      expect(rowsOf(viewer).map(({ outcome, code }) => `${outcome} ${code}`)).toEqual(Array(60).fill('denied AUTH_FORBIDDEN'))
    })
  })

  attackCase(
    'L4',
    'a restart to get a new budget',
    async (it) => {
      const operator = await colleague('operator')
      const again = async () => {
        await parts.running.get('devops-backend')?.stop()
        await parts.start('devops-backend')
        await operator.devops.get('/csrf-token')
      }
      const began = performance.now()
      expect(await statuses(30, () => change(operator))).toEqual(Array(30).fill(201))
      await again()
      await it.attack('what was changed before the restart counts after it', async () => {
        // On a machine that took most of the minute for it, the oldest have left the window by themselves.
        const left = await change(operator)
        expect(left.status).toBe(performance.now() - began < 55_000 ? 429 : expect.toBeOneOf([201, 429]))
      })
      await it.control('somebody who changed nothing yet', async () => expect((await change(await colleague('operator'))).status).toBe(201))
      await it.row('the intents from which they are counted', () =>
        expect(rowsOf(operator).filter(({ outcome }) => outcome === 'started').length).toBeGreaterThanOrEqual(30),
      )
    },
    120_000,
  )

  // The last one: it leaves the log of this service broken.
  attackCase(
    'L7',
    'a log from which nothing can be counted',
    async (it) => {
      const operator = await colleague('operator')
      expect((await change(operator)).status).toBe(201)
      const dir = join(parts.folder, 'devops/audit')
      const [segment = ''] = readdirSync(dir).filter((file) => file.endsWith('.log'))
      const good = readFileSync(join(dir, segment))
      const restartWith = async (bytes: Buffer) => {
        await parts.running.get('devops-backend')?.stop()
        writeFileSync(join(dir, segment), bytes)
        await parts.start('devops-backend')
        await operator.devops.get('/csrf-token')
      }
      const text = good.toString('latin1')
      const at = text.lastIndexOf('"outcome":"done"')
      await it.attack('changes are refused, and reads go on', async () => {
        await restartWith(Buffer.from(`${text.slice(0, at)}"outcome":"dona"${text.slice(at + 16)}`, 'latin1'))
        const refused = await change(operator)
        expect([refused.status, refused.body.code]).toEqual([503, 'AUDIT_UNAVAILABLE'])
        expect((await operator.devops.get('/services')).status).toBe(200)
      })
      const before = parts.rows('devops-backend').length
      await it.row('nothing was added to the log that is broken', async () => {
        await change(operator)
        expect(parts.rows('devops-backend').length).toBe(before)
      })
      await it.control('with the log as it was', async () => {
        await restartWith(good)
        expect((await change(operator)).status).toBe(201)
      })
    },
    120_000,
  )
})

describe('the limits and the clock', () => {
  let toy: Toy
  afterEach(async () => {
    vi.useRealTimers()
    await toy?.app.close()
  })

  attackCase('L5', 'a clock that is set forward or back', async (it) => {
    toy = await startToy({ maxChange: 2 })
    const attempt = async () => (await toy.send('POST', '/things', { body: { name: 'ab' } })).status
    await it.attack('gives no new budget', async () => {
      expect([await attempt(), await attempt(), await attempt()]).toEqual([201, 201, 429])
      for (const hours of [2, -2]) {
        vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
        expect(await attempt()).toBe(429)
        vi.useRealTimers()
      }
    })
    await it.control('somebody else', async () => {
      toy.actor = { ...toy.actor, id: 'u2' }
      expect(await attempt()).toBe(201)
    })
    await it.row('three intents', () => expect(toy.rows.filter(({ outcome }) => outcome === 'started')).toHaveLength(3))
  })
})
