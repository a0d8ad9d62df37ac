import { request } from 'node:http'
import { connect } from 'node:net'
import type { StreamEvent } from '@console/http-kit/bind'
import { startToy, type Toy } from '@console/http-kit/toy-service.fake'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure } from '@console/testkit/deep'
import { aService, password } from '@console/testkit/people'
import { type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'

const patienceMs = 30_000

/** The events of a text, read as a browser reads them. */
function eventsIn(text: string): { event: string; data: string; id: string | null }[] {
  return text
    .split(/\n\n/)
    .map((block) => block.split(/\r\n|\n|\r/).filter((line) => line !== '' && !line.startsWith(':') && !line.startsWith('retry:')))
    .filter((lines) => lines.some((line) => line.startsWith('data:')))
    .map((lines) => {
      const all = (name: string) => lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2))
      return { event: all('event')[0] ?? 'message', data: all('data').join('\n'), id: all('id')[0] ?? null }
    })
}

describe('a stream whose reader may no longer have it', () => {
  let parts: RunningParts
  let admin: Person
  const leaving: (() => void)[] = []
  beforeAll(async () => {
    parts = await startParts({ parts: ['platform-service', 'devops-backend'] })
    admin = await parts.setUp()
  }, 120_000)
  afterAll(async () => {
    for (const leave of leaving) leave()
    await parts?.stop()
  })

  const open = (cookie: string) =>
    new Promise<{ status: number; text: () => string; over: () => boolean }>((resolve, reject) => {
      const call = request({
        host: '127.0.0.1',
        port: parts.backendPort,
        path: '/api/devops/events',
        headers: { host: 'localhost', cookie },
        agent: false,
      })
      leaving.push(() => call.destroy())
      call.once('error', reject)
      call.once('response', (reply) => {
        let text = ''
        let over = false
        reply.setEncoding('utf8')
        reply.on('data', (chunk: string) => {
          text += chunk
        })
        const end = () => {
          over = true
        }
        reply.once('end', end)
        reply.once('close', end)
        reply.once('error', end)
        resolve({ status: reply.statusCode ?? 0, text: () => text, over: () => over })
      })
      call.end()
    })
  const cookieOf = ({ devops }: Person) => devops.cookiesFor('/api/devops/events')
  const confirmed = async (person: Person) => expect((await person.platform.post('/auth/step-up', { password })).status).toBe(200)

  attackCase(
    'S8',
    'session ended, person disabled, role lowered',
    async (it) => {
      const member = (name: string) => parts.invite(admin, `${name}@example.net`, { 'bytelyst-devops': 'operator' })
      const [signedOut, disabled, lowered, stays] = [
        await member('signed-out'),
        await member('disabled'),
        await member('lowered'),
        await member('stays'),
      ]
      const open4 = await Promise.all([signedOut, disabled, lowered, stays].map((person) => open(cookieOf(person))))
      const [ended = [], other] = [open4.slice(0, 3), open4[3]]
      expect(open4.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      let began = 0
      await it.attack('each ends with its reason, and by itself', async () => {
        await confirmed(admin)
        began = performance.now()
        expect((await signedOut.platform.post('/auth/logout', {})).status).toBe(204)
        const off = await admin.platform.post(`/users/${disabled.id}/disable`, { reason: 'gone' })
        expect([off.status, off.text]).toEqual([expect.toBeOneOf([200, 204]), expect.anything()])
        const less = await admin.platform.call('PUT', `/memberships/${lowered.id}/bytelyst-devops`, { body: { role: 'viewer' } })
        expect([less.status, less.text]).toEqual([expect.toBeOneOf([200, 201, 204]), expect.anything()])
        await until('all three are over', () => ended.every(({ over }) => over()), patienceMs)
        reportFigure('streams ended after, ms', Math.round(performance.now() - began))
        expect(ended.map(({ text }) => eventsIn(text()).at(-1))).toEqual(
          Array(3).fill({ event: 'end', data: '{"reason":"session"}', id: null }),
        )
        for (const person of [signedOut, disabled]) expect((await open(cookieOf(person))).status).toBe(401)
      })
      await it.control('whoever else reads goes on and hears of the next change', async () => {
        expect(other?.over()).toBe(false)
        expect((await stays.devops.post('/services', aService('heard'))).status).toBe(201)
        await until('the change is heard', () => eventsIn(other?.text() ?? '').some(({ data }) => data.includes('"heard"')), patienceMs)
      })
      await it.row('what ended them is on record', () => {
        const rows = parts.rows('platform-service').filter(({ outcome }) => outcome === 'done')
        expect(rows.some(({ action, actor }) => action.startsWith('auth.') && actor.id === signedOut.id)).toBe(true)
        expect(
          rows.filter(({ actor, target }) => actor.id === admin.id && (target.includes(disabled.id) || target.includes(lowered.id))),
        ).not.toEqual([])
      })
    },
    120_000,
  )
})

describe('a stream that is told odd things', () => {
  let toy: Toy
  afterEach(() => toy?.app.close())
  const read = async (headers: Record<string, string> = {}) => (await toy.send('GET', '/stream', { headers })).text()

  attackCase('S9', 'a reader that stays for ever', async (it) => {
    toy = await startToy({ limits: { streamMinutes: 1 / 120 } })
    toy.feed = async function* ({ lastEventId, signal }): AsyncIterable<StreamEvent> {
      for (let n = Number(lastEventId ?? 0) + 1; n <= Number(lastEventId ?? 0) + 3; n += 1) yield { event: 'tick', data: n, id: String(n) }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    }
    let cursor = ''
    await it.attack('its time is over, and the end says where to go on', async () => {
      const events = eventsIn(await read())
      expect(events.at(-1)).toMatchObject({ event: 'end', data: '{"reason":"time","cursor":"3"}' })
      cursor = JSON.parse(events.at(-1)?.data ?? '{}').cursor
      await until('its place is free', () => toy.streams.open === 0, patienceMs)
    })
    await it.control('with that cursor it goes on where it was, and loses nothing', async () => {
      expect(eventsIn(await read({ 'last-event-id': cursor })).map(({ id }) => id)).toEqual(['4', '5', '6', null])
    })
    await it.row('no row: reading is none', () => expect(toy.rows).toEqual([]))
  })

  attackCase('S10', 'lines that imitate events', async (it) => {
    const nasty = [
      'x\n\ndata: {"type":"admin"}\n\n',
      'x\r\rdata: forged',
      '\r\nid: 99\r\n',
      'retry: 1',
      'event: end\ndata: {"reason":"session"}',
      '\u2028data: x\u2029',
      '\u0000',
      ':ping',
    ]
    toy = await startToy()
    const feed = (lines: string[]) => {
      toy.feed = async function* (): AsyncIterable<StreamEvent> {
        for (const [at, text] of lines.entries()) yield { event: 'tick', data: { text }, id: String(at) }
      }
    }
    await it.attack('each is one event, and comes back as it was', async () => {
      feed(nasty)
      const text = await read()
      const events = eventsIn(text)
      expect(events.slice(0, -1).map(({ data }) => JSON.parse(data).text)).toEqual(nasty)
      expect(events.slice(0, -1).map(({ event, id }) => `${event} ${id}`)).toEqual(nasty.map((_, at) => `tick ${at}`))
      expect(events.at(-1)).toEqual({ event: 'end', data: '{"reason":"done"}', id: null })
      expect(text).not.toContain('\r')
    })
    await it.control('an ordinary line', async () => {
      feed(['hello'])
      expect(eventsIn(await read())[0]).toEqual({ event: 'tick', data: '{"text":"hello"}', id: '0' })
    })
    await it.row('no row: reading is none', () => expect(toy.rows).toEqual([]))
  })

  attackCase('S11', 'a place to go on from that is none', async (it) => {
    toy = await startToy()
    const seen: (string | undefined)[] = []
    toy.feed = async function* ({ lastEventId }): AsyncIterable<StreamEvent> {
      seen.push(lastEventId)
      yield { event: 'tick', data: 'x' }
    }
    const raw = (value: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(toy.port, '127.0.0.1', () =>
          socket.write(`GET /api/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nLast-Event-ID: ${value}\r\n\r\n`),
        )
        let text = ''
        socket.setEncoding('latin1')
        socket.on('data', (chunk: string) => {
          text += chunk
        })
        socket.on('error', () => undefined)
        socket.once('close', () => resolve(text))
      })
    await it.attack('junk is passed over, too much is refused', async () => {
      for (const junk of ['a b', 'x'.repeat(401), '\u00ff\u00fe', '1\t2', ''])
        expect([junk, await raw(junk)]).toEqual([junk, expect.stringMatching(/^HTTP\/1\.1 200/)])
      expect(new Set(seen)).toEqual(new Set([undefined]))
      expect(await raw('x'.repeat(1_000_000))).toMatch(/^(HTTP\/1\.1 431|$)/)
      // What is written behind a request that closes the connection is refused with it, and never served.
      const behind = await raw('1\r\n\r\nGET /api/things/x HTTP/1.1')
      expect(behind).toMatch(/^(HTTP\/1\.1 (200|400) |$)/)
      expect(behind).not.toContain('"id":"x"')
    })
    await it.control('a cursor', async () => {
      await raw('12')
      expect(seen.at(-1)).toBe('12')
    })
    await it.row('no row: reading is none', () => expect(toy.rows).toEqual([]))
  })
})
