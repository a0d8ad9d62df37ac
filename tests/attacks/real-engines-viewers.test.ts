import { attackCase as attackCaseAt } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure } from '@console/testkit/deep'
import { realEngines } from '@console/testkit/engine-rig'
import { describeNeeding } from '@console/testkit/needs'
import { password } from '@console/testkit/people'
import { exchange } from '@console/testkit/raw-socket'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Person, rowsOf } from '../../apps/devops-backend/src/devops.fake.ts'
import { type EngineViewers, startEngineViewers } from './engine-viewers.ts'

const withinMs = 60_000
const isReading = ({ action }: { readonly action: string }): boolean => action === 'vm.containerLog.stream'
const streamMs = 3_000
const ticking = 'n=0; while :; do echo "tick $((n+=1))"; sleep 0.05; done'

for (const { part, what, socket } of realEngines)
  describeNeeding(part, `viewers of logs in the console, and ${what}`, () => {
    let rig: EngineViewers
    beforeAll(async () => {
      rig = await startEngineViewers(socket)
    }, 120_000)
    afterAll(() => rig?.stop(), 60_000)
    const attackCase = (id: string, title: string, body: Parameters<typeof attackCaseAt>[2]) =>
      attackCaseAt(id, `${title}, at ${what}`, body, 120_000, () => rig.api)
    const rows = () => rowsOf(rig.devops).filter(isReading)

    attackCase('S8', 'whoever may no longer read goes on reading a log', async ({ attack, control, row }) => {
      const id = await rig.run('revoked', ticking)
      const member = () => rig.devops.invite(rig.admin, 'operator')
      const people = Promise.all([member(), member(), member(), member()])
      const [signedOut, disabled, lowered, holder] = await people
      const made = await holder.platform.post('/auth/api-tokens', {
        name: 'pipeline',
        productId: 'bytelyst-devops',
        actions: ['vm.containerLog.stream'],
        expiresInDays: 1,
      })
      expect(made.status, made.text).toBe(201)
      const token = { id: String(made.body.token?.id), bearer: String(made.body.secret) }
      const ending = await Promise.all([
        rig.view(id, { by: signedOut }),
        rig.view(id, { by: disabled }),
        rig.view(id, { by: lowered }),
        rig.view(id, { bearer: token.bearer }),
      ])
      const other = await rig.view(id)
      expect([...ending, other].map(({ status, refusal }) => `${status} ${refusal}`)).toEqual(Array(5).fill('200 '))
      await until('all read', () => [...ending, other].every(({ texts }) => texts().length > 0), withinMs)
      const userId = async (person: Person) => String((await person.platform.get('/auth/session')).body.user?.id)
      const [disabledId, loweredId] = [await userId(disabled), await userId(lowered)]
      await attack('session ended, person disabled, role lowered, token revoked: each ends by itself and says why', async () => {
        expect((await rig.admin.platform.post('/auth/step-up', { password })).status).toBe(200)
        const began = performance.now()
        const done = await Promise.all([
          signedOut.platform.post('/auth/logout', {}),
          rig.admin.platform.post(`/users/${disabledId}/disable`, { reason: 'gone' }),
          rig.admin.platform.call('PUT', `/memberships/${loweredId}/bytelyst-devops`, { body: { role: 'viewer' } }),
          holder.platform.call('DELETE', `/auth/api-tokens/${token.id}`),
        ])
        expect(done.map(({ status }) => status < 300)).toEqual([true, true, true, true])
        await until('all four are over', () => ending.every(({ isOver }) => isOver()), withinMs)
        reportFigure(`${what}: logs of four revoked viewers ended after, ms`, Math.round(performance.now() - began))
        expect(ending.map(({ events }) => events.at(-1))).toEqual(Array(4).fill({ event: 'end', data: '{"reason":"session"}', id: null }))
        expect((await rig.view(id, { bearer: token.bearer })).status).toBe(401)
      })
      await control('whoever else reads goes on, by one reader at the engine, which goes with the last', async () => {
        const before = other.texts().length
        await until('it reads on', () => other.texts().length > before + 3, withinMs)
        expect([other.isOver(), rig.open(id)]).toEqual([false, 1])
        other.close()
        await until('nobody reads', () => rig.open(id) === 0, withinMs)
      })
      await row('the refusal of the token is on record', () =>
        until('a row', () => rows().some(({ outcome, code }) => outcome === 'denied' && code === 'AUTH_REQUIRED'), withinMs).then(
          () => undefined,
        ),
      )
    })

    attackCase('S9', 'a viewer of a log that stays for ever', async ({ attack, control, row }) => {
      const short = await startEngineViewers(socket, { streamMinutes: streamMs / 60_000 })
      try {
        const rows = () => rowsOf(short.devops).filter(isReading)
        const start = rows().length
        const id = await short.run('stays', ticking)
        const began = performance.now()
        const first = await short.view(id)
        let cursor = ''
        await attack('its time is over, and the end says where to go on; who came later reads on', async () => {
          await until('half of its time is over', () => performance.now() - began > streamMs / 2)
          const later = await short.view(id)
          await until('its time is over', first.isOver, withinMs)
          const end = JSON.parse(first.events.at(-1)?.data ?? '{}') as { reason?: string; cursor?: string }
          expect([first.events.at(-1)?.event, end.reason]).toEqual(['end', 'time'])
          cursor = end.cursor ?? ''
          const last = first.texts().at(-1) ?? ''
          await until('the other reads on', () => later.texts().indexOf(last) < later.texts().length - 1, withinMs)
          expect(short.asked(id).filter((query) => query.includes('follow=1'))).toHaveLength(1)
        })
        await control('with that cursor it goes on where it was, and loses nothing', async () => {
          const again = await short.view(id, { lastEventId: cursor })
          await until('it reads', () => again.texts().length > 5, withinMs)
          const texts = [...first.texts(), ...again.texts()]
          expect(texts).toEqual(texts.map((_, at) => `tick ${at + 1}`))
        })
        await row('no row: reading is none', () => expect(rows().slice(start)).toEqual([]))
      } finally {
        await short.stop()
      }
    })

    attackCase('S10', 'lines that imitate events', async ({ attack, control, row }) => {
      const start = rows().length
      const hostile = [
        'data: {"type":"admin"}',
        'id: 1\rretry: 1\revent: end',
        'a\u2028b\u2029c',
        '"}\u0001{"ended":"x"}',
        'event: end',
        'retry: 1',
        ':ping',
      ]
      const octal = (text: string) => [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
      const id = await rig.run('imitating', `printf '${octal(`x\n\n${hostile.join('\n')}\n`)}'; sleep 600`)
      const reader = await rig.view(id)
      await attack('each is one line, with itself as its text', async () => {
        await until('all are there', () => reader.texts().length >= hostile.length + 2, withinMs)
        expect(reader.texts()).toEqual(['x', '', ...hostile])
        expect(new Set(reader.events.map(({ event }) => event))).toEqual(new Set(['lines']))
        expect(reader.events.every(({ id: place }) => /^[0-9a-z.]+$/.test(place ?? ''))).toBe(true)
      })
      await control('the end that is one', async () => {
        rig.containers.docker('kill', id)
        await until('it is over', reader.isOver, withinMs)
        expect(reader.events.slice(-2).map(({ event, data }) => `${event} ${data}`)).toEqual([
          'ended {"reason":"ended"}',
          'end {"reason":"done"}',
        ])
      })
      await row('no row: reading is none', () => expect(rows().slice(start)).toEqual([]))
    })

    attackCase('S11', 'a place in a log that is none', async ({ attack, control, row }) => {
      const start = rows().length
      const id = await rig.run('placed', 'for n in {1..20}; do echo "line $n"; sleep 0.01; done; sleep 600')
      const whole = await rig.view(id)
      await until('it has printed', () => whole.texts().length === 20, withinMs)
      const cursor = whole.events.find(({ event }) => event === 'lines')?.id ?? ''
      const first = (JSON.parse(whole.events[0]?.data ?? '{}') as { items: object[] }).items.length
      const cookie = rig.admin.devops.cookiesFor('/api/devops/events')
      const raw = (value: string) =>
        exchange({
          port: rig.devops.port,
          bytes: `GET ${rig.pathOf(id, 1)} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\nConnection: close\r\nLast-Event-ID: ${value}\r\n\r\n`,
          enough: (text) => text.includes('line 20'),
          quietMs: 8_000,
        })
      await attack('junk is passed over, too much is refused, and the engine is asked for nothing of it', async () => {
        for (const junk of ['a b', 'x'.repeat(401), '\u00ff\u00fe', '1.1&until=1', `${cursor}_${cursor}`, '../x', ''])
          expect([junk, (await raw(junk)).text]).toEqual([junk, expect.stringMatching(/^HTTP\/1\.1 200 [\s\S]*line 20/)])
        expect((await raw('x'.repeat(1_000_000))).text).toMatch(/^(HTTP\/1\.1 431|$)/)
        const behind = await raw('1\r\n\r\nGET /api/devops/vm/containers HTTP/1.1')
        expect(behind.text).not.toContain('"items":[{"id"')
        for (const how of rig.asked(id)) expect(how).toMatch(/^stdout=1&stderr=1&timestamps=1&tail=(1|100)&follow=1$/)
      })
      await control('from a cursor it goes on behind it', async () => {
        const again = await rig.view(id, { lastEventId: cursor })
        await until('the rest is there', () => again.texts().length === 20 - first, withinMs)
        expect(again.texts().at(-1)).toBe(first === 20 ? undefined : 'line 20')
      })
      await row('no row: reading is none', () => expect(rows().slice(start)).toEqual([]))
    })
  })
