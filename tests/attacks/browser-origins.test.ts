/// <reference lib="dom" />
import { attackCase } from '@console/testkit/attack'
import { describeNeeding } from '@console/testkit/needs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { type PublicNames, say, startPublicNames, textOf } from './public-names.ts'

describeNeeding('chromium', 'a hostile page in a browser where somebody is signed in', () => {
  let world: PublicNames
  let parts: PublicNames['parts']
  let urls: PublicNames['urls']
  let ours: Page
  let elsewhere: Page
  let sibling: Page
  beforeAll(async () => {
    world = await startPublicNames()
    ;({ parts, urls, ours, elsewhere, sibling } = world)
  }, 180_000)
  afterAll(() => world?.stop())

  const session = () => say(ours, `${urls.platform}/auth/session`)
  const counts = () => ({ platform: parts.rows('platform-service').length, devops: parts.rows('devops-backend').length })
  const since = (before: ReturnType<typeof counts>) => [
    ...parts.rows('platform-service').slice(before.platform),
    ...parts.rows('devops-backend').slice(before.devops),
  ]
  const begun = (before: ReturnType<typeof counts>) =>
    since(before).filter(({ outcome, action }) => outcome === 'started' && !action.startsWith('auth.session'))
  const grant = JSON.stringify({ verb: 'scripts.approve', digest: 'ab'.repeat(32) })

  attackCase('C1', 'a change from another site and from a sibling, with the victim’s cookies', async (it) => {
    const before = counts()
    await it.attack('with fetch, as JSON and as text, answered or not', async () => {
      for (const page of [elsewhere, sibling]) {
        const target = `${urls.platform}/auth/grants`
        expect(await say(page, target, { method: 'POST', headers: { 'content-type': 'application/json' }, body: grant })).toBe(
          'refused by the browser',
        )
        expect(await say(page, target, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: grant })).toBe(
          'refused by the browser',
        )
        await say(page, target, { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: grant })
      }
    })
    await it.control('from ours, with the token', async () => {
      const { csrfToken } = JSON.parse(textOf(await session())) as { csrfToken: string }
      const headers = { 'content-type': 'application/json', 'x-csrf-token': csrfToken }
      expect(await say(ours, `${urls.platform}/auth/grants`, { method: 'POST', headers, body: grant })).toMatchObject({ status: 201 })
    })
    await it.row('ours alone was begun', () => expect(begun(before).map(({ action }) => action)).toEqual(['auth.grant.create']))
  })

  attackCase('C4', 'a form that sends itself', async (it) => {
    const before = counts()
    await it.attack('from another site and from a sibling, in each of the three ways of a form', async () => {
      for (const from of [urls.elsewhere, urls.sibling])
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
          const page = await world.open(from)
          const answered = page.waitForResponse((response) => response.url().startsWith(urls.devops), { timeout: 30_000 })
          await page.evaluate(
            ({ action, enctype }) => {
              const form = Object.assign(document.createElement('form'), { method: 'POST', action, enctype })
              form.append(Object.assign(document.createElement('input'), { name: '{"name":"planted","x":"', value: '"}' }))
              document.body.append(form)
              form.submit()
            },
            { action: `${urls.devops}/services`, enctype: type },
          )
          expect([from, type, (await answered).status()]).toEqual([from, type, 415])
          await page.close()
        }
    })
    await it.control('the same request from ours passes the guards', async () => {
      const { csrfToken } = JSON.parse(textOf(await say(ours, `${urls.devops}/csrf-token`))) as { csrfToken: string }
      const headers = { 'content-type': 'application/json', 'x-csrf-token': csrfToken }
      expect(await say(ours, `${urls.devops}/services`, { method: 'POST', headers, body: '{"name":"planted","x":""}' })).toMatchObject({
        status: 400,
      })
    })
    await it.row('nothing was begun', () => expect(begun(before)).toEqual([]))
  })

  attackCase('C8', 'reading from elsewhere what the victim may read', async (it) => {
    const before = counts()
    await it.attack('session, people and services', async () => {
      for (const page of [elsewhere, sibling])
        for (const target of [`${urls.platform}/auth/session`, `${urls.platform}/users`, `${urls.devops}/services`]) {
          expect([target, await say(page, target)]).toEqual([target, 'refused by the browser'])
          expect(textOf(await say(page, target, { mode: 'no-cors' }))).toBe('')
        }
    })
    await it.control('from ours', async () => {
      for (const target of [`${urls.platform}/users`, `${urls.devops}/services`])
        expect(await say(ours, target)).toMatchObject({ status: 200 })
    })
    await it.row('another site never sends the cookie: nobody known asked', () => {
      const denied = since(before).filter(({ outcome }) => outcome === 'denied')
      expect(denied.length).toBeGreaterThan(0)
      expect(denied.every(({ actor, code }) => actor.kind === 'anonymous' && code === 'AUTH_REQUIRED')).toBe(true)
    })
  })

  attackCase('C6', 'a stream opened elsewhere', async (it) => {
    const before = counts()
    const follow = (page: Page) =>
      page.evaluate(
        (url) =>
          new Promise<string>((resolve) => {
            const source = new EventSource(url, { withCredentials: true })
            const end = (what: string) => {
              source.close()
              resolve(what)
            }
            source.onopen = () => end('open')
            source.onerror = () => end('refused')
          }),
        `${urls.devops}/events`,
      )
    await it.attack('from another site and from a sibling; and a WebSocket', async () => {
      for (const page of [elsewhere, sibling]) {
        expect(await follow(page)).toBe('refused')
        const socket = await page.evaluate(
          (url) =>
            new Promise<string>((resolve) => {
              const one = new WebSocket(url)
              one.onopen = () => resolve('open')
              one.onerror = () => resolve('refused')
            }),
          `${urls.devops}/events`.replace('https:', 'wss:'),
        )
        expect(socket).toBe('refused')
      }
    })
    await it.control('from ours', async () => expect(await follow(ours)).toBe('open'))
    await it.row('another site came as nobody', () => {
      expect(
        since(before)
          .filter(({ outcome }) => outcome === 'denied')
          .map(({ action, code }) => `${action} ${code}`),
      ).toContain('events.change.stream AUTH_REQUIRED')
    })
  })

  attackCase('C11', 'one of our pages in a frame', async (it) => {
    const before = counts()
    const framed = async (from: string, url: string) => {
      const page = await world.open(from)
      const seen = await page.evaluate(
        (address) =>
          new Promise<string>((resolve) => {
            const frame = Object.assign(document.createElement('iframe'), { src: address })
            frame.onload = () => resolve('loaded')
            document.body.append(frame)
          }),
        url,
      )
      const title = await page.frames()[1]?.title()
      await page.close()
      return `${seen} ${title}`
    }
    await it.attack('the dashboard and an answer of the API', async () => {
      for (const from of [urls.elsewhere, urls.sibling]) {
        expect(await framed(from, urls.admin)).not.toContain('ours')
        expect(await framed(from, `${urls.platform}/setup`)).not.toContain('required')
      }
    })
    await it.control('a page of theirs is framed', async () => expect(await framed(urls.elsewhere, urls.sibling)).toBe('loaded evil'))
    await it.row('nothing was begun', () => expect(begun(before)).toEqual([]))
  })

  attackCase('C12', 'a name of the attacker that leads to this machine', async (it) => {
    const before = counts()
    await it.attack('both APIs and the dashboard, as the attacker’s own origin', async () => {
      for (const port of world.ports) {
        const page = await world.context.newPage()
        const answer = await page.goto(`https://evil.test:${port}/platform/api/setup`)
        expect([port, answer?.status()]).toEqual([port, 421])
        await page.close()
      }
    })
    await it.control('our own name', async () => expect(await say(ours, `${urls.platform}/setup`)).toMatchObject({ status: 200 }))
    await it.row('nothing was begun', () => expect(begun(before)).toEqual([]))
  })

  attackCase('C9', 'cookies planted by a sibling', async (it) => {
    const before = counts()
    const plant = (cookie: string) =>
      sibling.evaluate((line) => {
        // biome-ignore lint/suspicious/noDocumentCookie: this is how a page plants one
        document.cookie = line
      }, cookie)
    const named = async (name: string) => (await world.context.cookies()).filter((cookie) => cookie.name === name)
    await it.control('ours have each flag, and no page can read them', async () => {
      for (const name of ['__Secure-bl_sid', '__Secure-bl_ref', '__Host-bl_tie'])
        expect(await named(name)).toMatchObject([{ domain: 'api.x.test', httpOnly: true, secure: true, sameSite: 'Strict' }])
      expect(await ours.evaluate(() => document.cookie)).toBe('')
      expect(await session()).toMatchObject({ status: 200 })
    })
    await it.attack('the tie cannot be planted', async () => {
      await plant('__Host-bl_tie=planted; Domain=x.test; Path=/; Secure')
      await plant('__Host-bl_tie=planted; Path=/; Secure')
      expect((await named('__Host-bl_tie')).filter(({ domain }) => domain !== 'evil.x.test')).toHaveLength(1)
    })
    await it.attack('a second session is told, and signs nobody else in', async () => {
      const value = world.admin.platform.cookie('__Secure-bl_sid')
      await plant(`__Secure-bl_sid=${value}; Domain=x.test; Path=/platform/api; Secure`)
      expect(await session()).toMatchObject({ status: 400 })
      await world.context.clearCookies({ name: '__Secure-bl_sid', domain: 'api.x.test' })
      // Only the planted one is left, of a session that is alive: with the victim's tie, and with none, it is nobody's.
      expect(await session()).toMatchObject({ status: 401 })
      await world.context.clearCookies({ name: '__Host-bl_tie' })
      expect(await session()).toMatchObject({ status: 401 })
    })
    await it.row('a session with another tie is on record, with whose it was', () => {
      expect(
        since(before)
          .filter(({ action }) => action === 'auth.session.refuse')
          .map(({ code, target }) => [code, target]),
      ).toEqual([['SESSION_TIE_FOREIGN', world.admin.id]])
    })
  })
})
