import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { canaries, homesFolder, makeHome } from '@console/testkit/made-home'
import { describeNeeding } from '@console/testkit/needs'
import type { Person } from '@console/testkit/people'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pageFindings } from './chromium-page.ts'
import { backupOf, spansOf, startWithAgents } from './hermes-agents.ts'
import type { SeededBrowser } from './seeded-browser.ts'

const minute = 60_000
const patient = { timeout: 45_000 }

/** What a program of others sends: one turn of an agent that failed after a second. */
const turn = (): string => spansOf([{ agent: 'night <b>watch</b>', operation: 'invoke_agent', ms: 1_000, agoMs: 0, error: 'timeout' }])

describeNeeding('chromium', 'the section of Hermes', () => {
  const base = homesFolder()
  let here: SeededBrowser
  let page: Page
  const findings = (name: string) => pageFindings(page, name)

  beforeAll(async () => {
    here = await startWithAgents(base, [
      {
        id: 'vm',
        home: makeHome(join(base, 'vm')),
        backupRepo: backupOf(join(base, 'backup'), 0, 'memory: 1 changed'),
        memoryBodies: true,
      },
      { id: 'uma', home: join(base, 'nowhere') },
    ])
    page = here.page
  }, 3 * minute)
  afterAll(async () => {
    await here?.stop()
    rmSync(base, { recursive: true, force: true })
  }, minute)

  // First, while whoever signed in showed a factor just now.
  it(
    'makes a key of an agent, shows it once, sees its first signal come in, and takes it away again',
    async () => {
      const found: string[] = []
      await page.goto(`${here.running.devopsWeb}/hermes/signals`)
      await page.getByRole('heading', { name: 'No data' }).first().waitFor(patient)
      found.push(...(await findings('hermes-signals-none')))
      await page.getByRole('link', { name: 'Keys of agents' }).press('Enter')
      await page.getByRole('button', { name: 'Make a key…' }).press('Enter')
      const making = page.getByRole('dialog')
      await making.getByLabel('Name').fill('plugin')
      await expect.poll(() => making.getByLabel('Agent', { exact: true }).inputValue(), patient).toBe('vm')
      await making.getByLabel('Agent', { exact: true }).selectOption('uma')
      found.push(...(await findings('settings-agents-make')))
      await making.getByRole('button', { name: 'Make the key' }).click()
      const shown = page.getByRole('dialog', { name: 'Copy the key of uma now' })
      await shown.getByText('No signal has come in yet', { exact: false }).waitFor(patient)
      found.push(...(await findings('settings-agents-once')))
      const secret = (await shown.locator('.once code').textContent()) ?? ''
      const command = (await shown.getByRole('region', { name: 'A command to try it' }).textContent()) ?? ''
      const url = /https?:\S+\/v1\/traces/.exec(command)?.[0]
      const send = () =>
        fetch(url ?? '', {
          method: 'POST',
          body: turn(),
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        })
      execFileSync('sh', ['-c', command], { env: { PATH: process.env.PATH, KEY: secret }, stdio: 'ignore' })
      await shown.getByText('The first signal came in', { exact: false }).waitFor(patient)
      expect((await send()).status).toBe(200)
      await shown.getByRole('button', { name: 'Copy', exact: true }).click()
      await shown.getByRole('button', { name: 'Done' }).click()
      await page.getByRole('row', { name: /^uma OpenTelemetry plugin/ }).waitFor(patient)
      expect(await page.locator('body').textContent()).not.toContain(secret)
      found.push(...(await findings('settings-agents')))

      await page.goto(`${here.running.devopsWeb}/hermes/signals?window=7d`)
      await page.getByRole('cell', { name: 'night <b>watch</b>' }).waitFor(patient)
      await page.getByText('1, 100 %').first().waitFor(patient)
      found.push(...(await findings('hermes-signals')))

      await page.goto(`${here.running.devopsWeb}/settings?tab=agents`)
      await page.getByRole('button', { name: 'Revoke…' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
      await page.getByRole('heading', { name: 'No agent sends anything yet' }).waitFor(patient)
      expect((await send()).status).toBe(401)
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    3 * minute,
  )

  it(
    'shows how each agent is and what it knows, by keys, and keeps one snapshot once',
    async () => {
      const found: string[] = []
      await page.goto(`${here.running.devopsWeb}/`)
      await page.getByRole('heading', { level: 1 }).waitFor(patient)
      await page.keyboard.press('g')
      await page.keyboard.press('e')
      await page.getByText(/^0 up · 2 unknown of 2 · /).waitFor(patient)
      const vm = page.getByRole('region', { name: 'vm', exact: true })
      await vm.getByText(/clean tree/).waitFor(patient)
      await page.getByText('vm: The gateway says it runs, and does not').waitFor(patient)
      await page.getByRole('region', { name: 'uma', exact: true }).getByText('There is no home of Hermes.').first().waitFor(patient)
      await page.getByRole('img', { name: /^Minutes since the last backup commit of vm/ }).waitFor(patient)
      expect(await page.getByRole('img', { name: /backup commit of uma/ }).count()).toBe(0)
      found.push(...(await findings('hermes')))

      const kept = () =>
        page.evaluate(() => JSON.parse(localStorage.getItem('bytelyst.hermes.trends.v1') ?? '[]') as { generatedAt: string }[])
      await page.reload()
      await vm.waitFor(patient)
      await expect.poll(async () => (await kept()).length, patient).toBeGreaterThan(0)
      const times = (await kept()).map(({ generatedAt }) => generatedAt)
      expect(new Set(times).size).toBe(times.length)

      await page.getByRole('radio', { name: 'vm' }).focus()
      await page.getByRole('radio', { name: 'All' }).press('ArrowRight')
      await expect.poll(() => page.url(), patient).toContain('instance=vm')
      const lamp = page.getByRole('navigation', { name: 'Annunciator' }).getByRole('link', { name: /^Agents [0-9]/ })
      expect(await lamp.getAttribute('href')).toMatch(/^\/hermes\?instance=[a-z]/)
      await page.getByRole('link', { name: 'Agents', exact: true }).press('Enter')
      await page.getByRole('heading', { name: 'vm: memory and skills' }).waitFor(patient)
      const sessions = page.getByRole('region', { name: 'Sessions' })
      await sessions.getByText('Session 2, cli').waitFor(patient)
      await sessions.getByText('<b>red</b>', { exact: false }).waitFor(patient)
      await page.getByRole('region', { name: 'Memory' }).getByText('Entry 3, 16 characters').waitFor(patient)
      expect(await page.getByRole('heading', { name: 'uma: memory and skills' }).count()).toBe(0)
      const text = await page.locator('body').textContent()
      for (const canary of canaries) expect(text).not.toContain(canary)
      found.push(...(await findings('hermes-agents')))

      await page.getByRole('button', { name: 'Read it… What vm remembers' }).press('Enter')
      const memory = page.getByRole('dialog', { name: 'What vm remembers' })
      await memory.getByRole('region', { name: 'Of its person' }).getByText('CANARY-user').waitFor(patient)
      await memory.getByText('CANARY-memory one').waitFor(patient)
      found.push(...(await findings('hermes-memory')))
      await page.keyboard.press('Escape')
      await memory.waitFor({ state: 'detached', ...patient })
      expect(await page.content()).not.toContain('CANARY')
      await page.getByRole('radio', { name: 'All' }).click()
      await page.getByText('Nothing is known of uma').waitFor(patient)
      expect(await page.getByRole('row', { name: /^vm No data No data No data/ }).count()).toBe(1)

      await page.getByRole('link', { name: 'Sessions' }).press('Enter')
      await page.getByRole('cell', { name: /Session 2/ }).waitFor(patient)
      await page.getByRole('searchbox', { name: 'Find a session' }).fill('telegram')
      await expect.poll(() => page.getByRole('cell', { name: /Session 2/ }).count(), patient).toBe(0)
      expect(page.url()).toContain('q=telegram')
      found.push(...(await findings('hermes-sessions')))
      await page.getByRole('link', { name: 'Cron', exact: true }).press('Enter')
      await page.getByRole('cell', { name: /paused/ }).waitFor(patient)
      found.push(...(await findings('hermes-cron')))
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    3 * minute,
  )

  it(
    'tells what an agent remembers to an admin alone, and leaves a row in both logs for each reading',
    async () => {
      const admin = await here.admin()
      const read = (person: Person, instance = 'vm') => person.devops.get(`/hermes/memory/${instance}`)
      for (const role of ['viewer', 'operator'] as const) {
        const person = await here.running.people.invite(admin, role)
        const { status, text } = await read(person)
        expect([role, status, text.includes('CANARY')]).toEqual([role, 403, false])
        if (role === 'operator') continue
        const theirs = await here.browser.newContext()
        const kept = { domain: 'localhost', secure: true, httpOnly: true, sameSite: 'Strict' } as const
        const cookies = [...person.platform.jar].map(([name, { value, path }]) => ({
          ...kept,
          name: name.split(' ')[0] ?? '',
          value,
          path,
        }))
        await theirs.addCookies(cookies)
        const seen = await theirs.newPage()
        await seen.goto(`${here.running.devopsWeb}/hermes/agents?instance=vm`)
        await seen.getByText('What it says is for admins only.').waitFor(patient)
        expect(await seen.getByRole('button', { name: /^Read/ }).count()).toBe(0)
        await theirs.close()
      }
      expect(await read(admin)).toMatchObject({ status: 200, body: { user: { items: [{ text: 'CANARY-user' }] } } })
      expect(await read(admin, 'uma')).toMatchObject({ status: 403, body: { code: 'HERMES_MEMORY_OFF' } })
      const rowsOf = async (action: string) => {
        const { body } = await admin.devops.get(`/audit?action=${action}&limit=50`)
        return (body.items as unknown as { log: string; outcome: string; target: string }[]).map(
          ({ log, outcome, target }) => `${log} ${outcome} ${target}`,
        )
      }
      const ofApi = await rowsOf('hermes.memory.get')
      for (const outcome of ['started', 'done', 'denied']) expect(ofApi).toContain(`devops-backend ${outcome} vm`)
      expect(ofApi).toContain('devops-backend failed uma')
      const ofAgent = await rowsOf('hermes.memory')
      for (const row of ['started vm', 'done vm', 'failed uma']) expect(ofAgent).toContain(`host-agent ${row}`)
    },
    2 * minute,
  )
})
