/// <reference lib="dom" />
import { authenticatorCode } from '@console/testkit/authenticator'
import { describeNeeding } from '@console/testkit/needs'
import { aService } from '@console/testkit/people'
import { enrol } from '@console/testkit/second-factor'
import type { Page, Request } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type ConsoleInBrowser, startInBrowser } from './console-in-browser.ts'
import { lookAt, patient } from './newcomer.ts'
import { filterOf, slowRouter } from './slow-router.ts'

const password = 'plum harbour teapot lantern'

describeNeeding('chromium', 'somebody who works here all day', () => {
  let here: ConsoleInBrowser
  let page: Page
  /** The pages of the browser that asked for `/events`. */
  const askedForNews = new Set<Page>()

  beforeAll(async () => {
    here = await startInBrowser('unused')
    const { admin, api, setupToken, devopsApi, platformApi } = here
    admin.on('request', (request) => {
      if (request.method() === 'GET' && request.url() === `${devopsApi}/events`) askedForNews.add(request.frame().page())
    })
    const made = await api(admin, 'POST', `${platformApi}/setup`, {
      token: setupToken,
      name: 'First Admin',
      email: 'first@example.net',
      password,
    })
    expect(made.status).toBe(201)
    await here.approve('trials-fails')
    for (const name of ['fails', 'hangs']) await here.register(name, 'trials-fails')
    const run = await api(admin, 'POST', `${devopsApi}/deployments/trigger/fails`, { reason: 'to have one in the list' })
    expect(run.status).toBe(202)
    await vi.waitFor(async () => {
      expect((await api(admin, 'GET', `${devopsApi}/deployments/${run.body.id}`)).body.state).toBe('failed')
    }, patient)
    page = await here.newPage()
  }, 240_000)
  afterAll(() => here?.close(), 60_000)

  it('keeps filters in the address, so that the way back leads through them', async () => {
    await page.goto(`${here.devopsWeb}/deployments`)
    await page.getByLabel('State').selectOption('failed')
    await page.waitForURL(/state=failed/)
    await page.getByRole('link', { name: 'fails' }).first().click()
    await page.waitForURL(/deployments\/view/)
    await page.goBack()
    await page.waitForURL(/state=failed/)
    await page.getByRole('row').filter({ hasText: 'to have one in the list' }).waitFor()
    expect(await page.getByLabel('State').inputValue()).toBe('failed')
  }, 120_000)

  it('keeps each of many choices in the address, however far the router is behind', async () => {
    const lists = [
      {
        address: `${here.devopsWeb}/audit`,
        chosen: { Log: 'host-agent', Since: '7d', Checkpoints: 'show' },
        kept: 'log=host-agent&since=7d&checkpoints=true',
      },
      {
        address: `${here.adminWeb}/people`,
        chosen: { 'Second factor': 'none', Role: 'admin', 'Last seen': '7d' },
        kept: 'factor=none&role=admin&seen=7d',
      },
    ]
    for (const { address, chosen, kept } of lists) {
      await page.goto(address)
      await page.locator('main tr').nth(1).waitFor()
      const router = await slowRouter(page)
      for (const [label, value] of Object.entries(chosen)) await router.choose(label, value)
      await router.release()
      await vi.waitFor(() => expect(new URL(page.url()).search).toBe(`?${kept}`), patient)
      for (const [label, value] of Object.entries(chosen)) expect(await filterOf(page, label).inputValue()).toBe(value)
    }
    // What is asked of the page itself meanwhile counts as well: an address without filters has none of them.
    await filterOf(page, 'Role').selectOption('viewer')
    await page.getByRole('link', { name: 'People' }).first().click()
    await vi.waitFor(() => expect(new URL(page.url()).search).toBe(''), patient)
    expect(await filterOf(page, 'Last seen').inputValue()).toBe('')
    await filterOf(page, 'Role').selectOption('admin')
    await page.getByRole('link', { name: 'Products' }).first().click()
    await page.waitForURL(/products/)
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(new URL(page.url()).search).toBe('')
  }, 120_000)

  it('leads through a list by single keys, and opens what the row offers', async () => {
    await page.goto(`${here.devopsWeb}/services`)
    await page.getByRole('row').filter({ hasText: 'hangs' }).waitFor()
    await page.keyboard.press('j')
    const first = await page.evaluate(() => document.activeElement?.textContent)
    await page.keyboard.press('j')
    expect(await page.evaluate(() => document.activeElement?.textContent)).not.toBe(first)
    await page.keyboard.press('k')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(first)
    await page.keyboard.press('d')
    await page.getByRole('dialog').getByText(`Deploy ${first} to`).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }, 120_000)

  it('loses nothing typed when somebody else saved the service meanwhile', async () => {
    await page.goto(`${here.devopsWeb}/services/edit?id=hangs`)
    await page.getByLabel('Owner').fill('team-mine')
    const url = `${here.devopsApi}/services/hangs`
    const { etag } = (await here.api(here.admin, 'GET', url)).body
    const theirs = await here.api(
      here.admin,
      'PUT',
      url,
      { ...aService('hangs', 'trials-fails'), owner: 'team-theirs' },
      { 'if-match': String(etag) },
    )
    expect(theirs.status).toBe(200)
    await page.getByRole('button', { name: 'Save service' }).click()
    await page.getByText('Somebody else saved hangs since you opened it.').waitFor()
    expect(await page.getByLabel('Owner').inputValue()).toBe('team-mine')
    await page.getByRole('button', { name: 'Save mine over it next' }).click()
    await page.getByText('Somebody else saved hangs').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Save service' }).click()
    await page.waitForURL(/services\/view\?id=hangs/)
    expect((await here.api(here.admin, 'GET', url)).body.owner).toBe('team-mine')
  }, 120_000)

  it('holds one connection for news a browser, which another tab takes over', async () => {
    await page.goto(here.devopsWeb)
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    await vi.waitFor(() => expect(askedForNews.has(page)).toBe(true), patient)
    const second = await here.newPage()
    await second.goto(`${here.devopsWeb}/services`)
    const locks = (): Promise<number[]> =>
      second.evaluate(async () => {
        const { held = [], pending = [] } = await navigator.locks.query()
        return [held, pending].map((list) => list.filter(({ name }) => name === 'bytelyst.events').length)
      })
    await vi.waitFor(async () => expect(await locks()).toEqual([1, 1]), patient)
    expect(askedForNews.has(second)).toBe(false)
    await page.close()
    await vi.waitFor(async () => expect([await locks(), askedForNews.has(second)]).toEqual([[1, 0], true]), patient)
    page = second
  }, 120_000)

  it('asks again for what may have changed while no news could come', async () => {
    const events = `${here.devopsApi}/events`
    const headers = {
      'content-type': 'text/event-stream',
      'access-control-allow-origin': here.devopsWeb,
      'access-control-allow-credentials': 'true',
    }
    let asked = 0
    const count = (request: Request): void => {
      if (request.method() === 'GET' && request.url() === `${here.devopsApi}/settings`) asked += 1
    }
    page.on('request', count)
    // The first connection is lost at once; the next one lasts.
    await page.route(events, (route) => route.fulfill({ status: 200, headers, body: 'retry: 2000\n\n' }), { times: 1 })
    // A page that asks by itself for nothing that it shows.
    await page.goto(`${here.devopsWeb}/settings?tab=retention`)
    await vi.waitFor(() => expect(asked).toBeGreaterThan(1), patient)
    page.off('request', count)
  }, 120_000)

  it('keeps what was typed when the other dashboard signs out', async () => {
    const post = async (path: string, data: object) => (await here.api(here.admin, 'POST', `${here.platformApi}${path}`, data)).body
    const { secret } = await enrol(post)
    await page.goto(`${here.devopsWeb}/services/edit`)
    await page.getByLabel('Description').fill('typed before the session ended')
    const other = await here.newPage()
    // Another origin of the same host: signed in there already, and out here when out there.
    await other.goto(here.adminWeb)
    await other.getByRole('button', { name: /account menu/ }).click()
    await other.getByText('Sign out').click()
    await page.getByRole('heading', { name: 'You were signed out' }).waitFor()
    await lookAt(page, 'signed-out')
    await page.getByRole('dialog').getByLabel('Password').fill(password)
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('dialog').getByLabel('Code').fill(authenticatorCode(secret, Date.now()))
    await page.getByRole('heading', { name: 'You were signed out' }).waitFor({ state: 'detached' })
    expect(await page.getByLabel('Description').inputValue()).toBe('typed before the session ended')
    await page.goto(`${here.devopsWeb}/services`)
    await page.goto(`${here.devopsWeb}/services/edit`)
    await page.getByText(/What you typed .* is back/).waitFor()
    expect(await page.getByLabel('Description').inputValue()).toBe('typed before the session ended')
    await page.getByRole('button', { name: 'Cancel…' }).click()
    await page.getByRole('button', { name: 'Discard it' }).click()
    await page.waitForURL(/\/services$/)
    await other.close()
  }, 120_000)

  it('met no error in a page and no violation of the policy', () => {
    expect(here.noise).toEqual([])
  })
})
