/// <reference lib="dom" />
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding, needs } from '@console/testkit/needs'
import { testImage } from '@console/testkit/test-image'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type ConsoleInBrowser, startInBrowser } from './console-in-browser.ts'
import { fitsAPhone, lookAt, patient, processesWith, stateIs } from './newcomer.ts'
import { letGo, startWatched, type Watched } from './trial-scripts.ts'

const password = 'plum harbour teapot lantern'
const container = `bl-e2e-${process.pid}`
const mark = `bl-e2e-mark-${process.pid}`

describeNeeding('chromium', 'a newcomer', () => {
  let here: ConsoleInBrowser
  let page: Page
  let watched: Watched

  const deploy = async (name: string, reason: string): Promise<void> => {
    await page.goto(`${here.devopsWeb}/services/view?id=${name}`)
    await page.getByRole('button', { name: 'Deploy…' }).click()
    await page.getByLabel('Reason').fill(reason)
    await page.getByRole('button', { name: `Deploy ${name}` }).click()
    await page.waitForURL(/deployments\/view/)
  }
  const line = (text: string, target = page): Promise<void> => target.locator('.log .tx').getByText(text, { exact: true }).first().waitFor()

  beforeAll(async () => {
    watched = await startWatched()
    if (needs.docker) {
      const health = ['--health-cmd', 'false', '--health-interval', '1s', '--health-retries', '1']
      const says = 'while true; do echo tick; echo tock >&2; sleep 1; done'
      execFileSync('docker', ['run', '-d', '--name', container, '--label', 'com.bytelyst.test=1', ...health, testImage, 'bash', '-c', says])
    }
    here = await startInBrowser(mark)
    page = await here.newPage()
  }, 240_000)
  afterAll(async () => {
    await here?.close()
    await watched?.close()
    if (needs.docker) execFileSync('docker', ['rm', '-f', container], { stdio: 'ignore' })
  }, 60_000)

  it('makes the first admin of both dashboards with the token that the start printed', async () => {
    await page.goto(here.devopsWeb)
    await page.getByLabel('Setup token').fill(here.setupToken)
    await page.getByLabel('Your name').fill('First Admin')
    await page.getByLabel('E-mail').fill('first@example.net')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByLabel('Password again').fill(password)
    await lookAt(page, 'setup')
    await page.getByRole('button', { name: 'Make the account' }).click()
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    await page.goto(`${here.adminWeb}/people`)
    await page.getByText('first@example.net').first().waitFor()
  }, 120_000)

  it('approves exactly the text that was shown, and registers a service with all that belongs to it', async () => {
    await page.goto(`${here.devopsWeb}/settings?tab=scripts`)
    await page.getByRole('button', { name: 'Approve… trials-serves' }).click()
    await page.getByRole('region', { name: 'Text of the script' }).getByText('echo served').waitFor()
    await lookAt(page, 'approve')
    await page.getByRole('button', { name: 'Approve this text' }).click()
    await page.getByText('trials-serves is approved').waitFor()

    await page.goto(`${here.devopsWeb}/services/edit`)
    await page.getByLabel('Name', { exact: true }).fill('Web')
    await page.getByLabel('Description').fill('The public site')
    await page.getByLabel('Environment').selectOption('staging')
    await page.getByLabel('Owner').fill('team-web')
    await page.getByLabel('Tags').fill('edge, public')
    await page.getByLabel('Address').fill('https://www.example.net')
    await page.getByLabel('Repository').fill('https://git.example.net/web')
    await page.getByRole('button', { name: 'Add check' }).click()
    await page.getByLabel('Target').fill(watched.url)
    await page.getByLabel('and text in the body').fill('ready')
    await page.getByLabel('Interval, s').fill('3600')
    await page.getByRole('radiogroup', { name: 'Script' }).getByText('trials-serves', { exact: true }).click()
    await page.getByLabel('Checks pass within, s').fill('300')
    await page.getByLabel('Found by').selectOption('names')
    await page.getByLabel('Names').fill(container)
    await page.getByRole('button', { name: 'Add those it declares' }).click()
    await page.getByLabel('Value of RELEASE').fill('1.2.3')
    await page.getByLabel('Value of TOKEN').fill('hush-hush-hush')
    await page
      .locator('label')
      .filter({ has: page.getByLabel('TOKEN is secret') })
      .click()
    await page.getByRole('button', { name: 'Register service' }).click()
    const summary = page.getByRole('alert').filter({ hasText: '1 field needs another value' })
    await summary.getByRole('button', { name: 'Name' }).click()
    expect(await page.getByLabel('Name', { exact: true }).evaluate((field) => field === document.activeElement)).toBe(true)
    await lookAt(page, 'service-form')
    await page.getByLabel('Name', { exact: true }).fill('web')
    await page.getByRole('button', { name: 'Register service' }).click()
    await page.waitForURL(/services\/view\?id=web/)
    await page.getByRole('link', { name: 'Settings' }).last().waitFor()

    for (const script of ['trials-fails', 'trials-hangs', 'trials-exits-zero']) await here.approve(script)
    await here.register('fails', 'trials-fails')
    await here.register('hangs', 'trials-hangs')
    const check = { id: 'c1', kind: 'tcp', host: '127.0.0.1', port: 1, intervalSec: 5, timeoutMs: 1_000, downAfter: 1, upAfter: 1 }
    await here.register('sick', 'trials-exits-zero', { checks: [check] })
  }, 180_000)

  it('deploys and watches the output in two tabs, also after a reload in the middle', async () => {
    await deploy('web', 'to see it live')
    await stateIs(page, 'running')
    await line('remark 3')
    await line('release 1.2.3 with ••••••')
    const second = await here.newPage()
    await second.goto(page.url())
    await line('line 1', second)
    await page.reload()
    await line('line 1')
    await stateIs(page, 'running')
    const words = await page
      .locator('.log .l')
      .evaluateAll((lines) => lines.map((row) => [row.querySelector('.sr')?.textContent, row.querySelector('.tx')?.textContent]))
    expect(words).toContainEqual(['out', 'line 2'])
    expect(words).toContainEqual(['err', 'remark 2'])
    letGo(here.roots)
    for (const tab of [page, second]) {
      await line('served', tab)
      await stateIs(tab, 'verifying')
    }
    await lookAt(page, 'run-verifying')
    watched.heal()
    for (const tab of [page, second]) await stateIs(tab, 'succeeded')
    expect(await page.locator('h1 .chip').textContent()).toBe('succeeded')
    // Its own turn comes in an hour: what the run measured is what the service is.
    const { body } = await here.api(here.admin, 'GET', `${here.devopsApi}/health-checks/web/history`)
    expect(body.health).toMatchObject({ state: 'up', checks: [{ state: 'up', last: { ok: true } }] })
    await second.close()
  }, 180_000)

  it('says why a run failed, cancels one that hangs, and fails one whose service is not healthy', async () => {
    await deploy('fails', 'to see it fail')
    await stateIs(page, 'failed')
    await page.getByText('Exit status 3').waitFor()
    await page.getByText('First error, line 2: error: the database refused the connection').waitFor()
    await lookAt(page, 'run-failed')
    await deploy('hangs', 'to see it hang')
    await stateIs(page, 'running')
    await vi.waitFor(() => expect(processesWith(mark).length).toBeGreaterThan(0), patient)
    await page.getByRole('button', { name: 'Cancel run…' }).click()
    await page.getByLabel('Reason').fill('it hangs')
    await page.getByRole('button', { name: 'Cancel the run' }).click()
    await stateIs(page, 'cancelled')
    await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), patient)
    await deploy('sick', 'to see it judged')
    await stateIs(page, 'failed')
    await page.getByText('did not get healthy in time').first().waitFor()
    await page.getByText('Script ended with exit 0', { exact: true }).waitFor()
  }, 240_000)

  it('refuses a script that was edited after its approval, shows the difference, and runs it once that is approved', async () => {
    writeFileSync(join(here.roots, 'trials/fails.sh'), '#!/usr/bin/env bash\necho something else\n', { mode: 0o755 })
    const refused = await here.api(here.admin, 'POST', `${here.devopsApi}/deployments/trigger/fails`, { reason: 'to see it refused' })
    expect([refused.status, refused.body.code]).toEqual([409, 'SCRIPT_CHANGED'])
    await page.goto(`${here.devopsWeb}/services/view?id=fails`)
    await page.getByRole('button', { name: 'Deploy…' }).click()
    await page.getByLabel('Reason').fill('with the new text')
    await page.getByText('The script changed after it was approved.').waitFor()
    expect(await page.getByRole('button', { name: 'Deploy fails' }).getAttribute('aria-disabled')).toBe('true')
    await page.getByRole('link', { name: 'Look at it' }).click()
    const text = page.getByRole('region', { name: 'Text of the script' })
    await text.locator('.add').getByText('echo something else').waitFor()
    await text.locator('.del').getByText('exit 3').waitFor()
    await lookAt(page, 'script-changed')
    await page.getByRole('button', { name: 'Approve this text' }).click()
    await page.getByText('trials-fails is approved').waitFor()
    await page.goto(`${here.devopsWeb}/services/view?id=fails`)
    await page.getByRole('button', { name: 'Deploy…' }).click()
    await vi.waitFor(async () => expect(await page.getByLabel('Reason').inputValue()).toBe('with the new text'), patient)
    await page.getByRole('button', { name: 'Deploy fails' }).click()
    await page.waitForURL(/deployments\/view/)
    await stateIs(page, 'succeeded, not verified')
  }, 180_000)

  it.skipIf(!needs.docker)(
    'sees an unhealthy container, follows its log, and restarts it after confirming',
    async () => {
      await page.goto(`${here.devopsWeb}/containers?q=${container}`)
      const row = page.getByRole('row').filter({ hasText: container })
      await row.getByText('unhealthy').first().waitFor()
      await row.getByRole('button', { name: 'Log' }).click()
      await page.getByText('tick', { exact: true }).first().waitFor()
      await page.getByText('tock', { exact: true }).first().waitFor()
      await lookAt(page, 'containers')
      await row.getByRole('button', { name: 'Restart…' }).click()
      await page.getByLabel('Reason').fill('to see it restart')
      await page.getByRole('button', { name: `Restart ${container}` }).click()
      await page.getByText(`${container} was restarted`).waitFor()
    },
    180_000,
  )

  it('invites a viewer by a link, who sees everything allowed and is refused the rest', async () => {
    await page.goto(`${here.adminWeb}/people`)
    await page
      .getByRole('button', { name: /Invite/ })
      .first()
      .click()
    await page.getByLabel('E-mail').fill('viewer@example.net')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Invite|Make/ })
      .last()
      .click()
    const code = page.locator('.once code')
    await code.waitFor()
    const link = (await code.textContent()) ?? ''
    expect(link).toContain('/invite#')
    const context = await here.newContext()
    const viewer = await here.newPage(context)
    await viewer.goto(link)
    await viewer.getByLabel(/name/i).first().fill('New Viewer')
    await viewer.getByLabel('Password', { exact: true }).fill('cobalt meadow violin anchor')
    await viewer.getByLabel('Password again').fill('cobalt meadow violin anchor')
    await lookAt(viewer, 'invite')
    const accepted = viewer.waitForResponse((answer) => answer.url().endsWith('/invites/accept'))
    await viewer.getByRole('button', { name: /account|Accept|Join/ }).click()
    expect((await accepted).status()).toBe(201)
    await viewer.goto(`${here.devopsWeb}/services/view?id=web`)
    const button = viewer.getByRole('button', { name: 'Deploy…' })
    await button.waitFor()
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await viewer.getByText('Your role is viewer. This needs operator.').first().waitFor()
    await lookAt(viewer, 'viewer-service')
    await viewer.goto(`${here.devopsWeb}/services/edit`)
    await viewer.getByText('Registering is not for your role').waitFor()
    const refused = await here.api(context, 'POST', `${here.devopsApi}/deployments/trigger/web`, { reason: 'as a viewer' })
    expect([refused.status, refused.body.code]).toEqual([403, 'AUTH_FORBIDDEN'])
    await context.close()
  }, 180_000)

  it('reads in Audit who did all this, what was refused and what failed, and that every chain is valid', async () => {
    await page.goto(`${here.devopsWeb}/audit`)
    for (const log of ['platform-service', 'devops-backend', 'docker-proxy', 'host-agent'])
      await page.getByText(`${log}: valid`).first().waitFor()
    await lookAt(page, 'audit')
    const rows = async (query: string): Promise<string[]> => {
      const { body } = await here.api(here.admin, 'GET', `${here.devopsApi}/audit?limit=200&${query}`)
      return (body.items as { action: string; outcome: string; actor: { name: string | null } }[]).map(
        ({ action, outcome, actor }) => `${action} ${outcome} ${actor.name}`,
      )
    }
    await vi.waitFor(async () => {
      expect(await rows('action=deployments.run.trigger')).toEqual(
        expect.arrayContaining([
          'deployments.run.trigger done First Admin',
          'deployments.run.trigger failed First Admin',
          'deployments.run.trigger denied New Viewer',
        ]),
      )
      expect((await rows('action=runs.start')).filter((row) => row.startsWith('runs.start done')).length).toBeGreaterThan(3)
    }, patient)
    await page.goto(`${here.devopsWeb}/audit?outcome=denied`)
    await page.locator('main').getByText('deployments.run.trigger').first().waitFor()
  }, 120_000)

  it('shows pages full of trouble without a fault that axe can find, and none wider than a phone', async () => {
    const pages = [
      ['/', 'Needs attention'],
      ['/services', 'sick'],
      ['/deployments', 'to see it judged'],
      ['/health', 'Uptime, 90 days'],
    ] as const
    for (const [path, text] of pages) {
      await page.goto(`${here.devopsWeb}${path}`)
      await page.locator('main').getByText(text).first().waitFor()
      await page.waitForFunction(() => document.querySelector('main .sk') === null)
      await lookAt(page, path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'overview')
      expect([path, await fitsAPhone(page)]).toEqual([path, true])
    }
  }, 240_000)

  it('met no error in a page and no violation of the policy', () => {
    expect(here.noise).toEqual([])
  })
})
