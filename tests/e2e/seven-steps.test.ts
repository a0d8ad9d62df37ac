/// <reference lib="dom" />
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { chromiumPath, describeNeeding, needs } from '@console/testkit/needs'
import { type RunningConsole, startConsole } from '@console/testkit/start-console'
import { testImage } from '@console/testkit/test-image'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

const password = 'plum harbour teapot lantern'
const pictures = process.env.PICTURES_DIR
const container = `bl-e2e-${process.pid}`

describeNeeding('chromium', 'a newcomer', () => {
  let console_: RunningConsole
  let browser: Browser
  let admin: BrowserContext
  let page: Page
  let roots: string
  const noise: string[] = []
  let inviteLink = ''

  const listen = (target: Page): Page => {
    target.on('console', (message) => {
      if (message.type() === 'error' && !/401|403|404|409|Failed to load resource/.test(message.text())) noise.push(message.text())
    })
    target.on('pageerror', (error) => noise.push(String(error)))
    void target.addInitScript(() =>
      document.addEventListener('securitypolicyviolation', (event) =>
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`),
      ),
    )
    return target
  }
  const picture = async (name: string, target = page): Promise<void> => {
    if (!pictures) return
    mkdirSync(pictures, { recursive: true })
    for (const theme of ['dark', 'light'] as const)
      for (const width of [1440, 390]) {
        await target.setViewportSize({ width, height: 900 })
        await target.evaluate(
          (light) =>
            light ? document.documentElement.setAttribute('data-theme', 'light') : document.documentElement.removeAttribute('data-theme'),
          theme === 'light',
        )
        await target.screenshot({ path: join(pictures, `${name}-${theme}-${width}.png`), fullPage: true })
      }
    await target.setViewportSize({ width: 1440, height: 900 })
    await target.evaluate(() => document.documentElement.removeAttribute('data-theme'))
  }
  const axe = async (target: Page, name: string): Promise<void> => {
    for (const theme of ['dark', 'light']) {
      await target.evaluate(
        (light) =>
          light ? document.documentElement.setAttribute('data-theme', 'light') : document.documentElement.removeAttribute('data-theme'),
        theme === 'light',
      )
      const { violations } = await new AxeBuilder({ page: target })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze()
      expect([name, theme, violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)]).toEqual(
        [name, theme, []],
      )
    }
    await target.evaluate(() => document.documentElement.removeAttribute('data-theme'))
  }
  const approve = async (scriptId: string): Promise<void> => {
    await page.goto(`${console_.devopsWeb}/settings?tab=scripts&approve=${scriptId}`)
    await page.getByRole('button', { name: 'Approve this text' }).click()
    await page.getByText(`${scriptId} is approved`).waitFor()
  }
  const register = async (
    name: string,
    { script, check }: { script?: string; check?: { url: string; status?: string } },
  ): Promise<void> => {
    await page.goto(`${console_.devopsWeb}/services/edit`)
    await page.getByLabel('Name', { exact: true }).fill(name)
    await page.getByLabel('Description').fill(`The service ${name}`)
    if (check) {
      await page.getByRole('button', { name: 'Add check' }).click()
      await page.getByLabel('Target').fill(check.url)
      await page.getByLabel('Interval, s').fill('5')
      await page.getByLabel('Down after misses').fill('1')
    }
    if (script) await page.getByRole('radiogroup', { name: 'Script' }).getByText(script, { exact: true }).click()
    await page.getByLabel('Checks pass within, s').fill('8')
    await page.getByRole('button', { name: 'Register service' }).click()
    await page.waitForURL(/services\/view/)
  }
  const deploy = async (name: string, reason: string): Promise<void> => {
    await page.goto(`${console_.devopsWeb}/services/view?id=${name}`)
    await page.getByRole('button', { name: 'Deploy…' }).click()
    await page.getByLabel('Reason').fill(reason)
    await page.getByRole('button', { name: `Deploy ${name}` }).click()
    await page.waitForURL(/deployments\/view/)
  }
  const state = (word: string, target = page): Promise<void> =>
    target.locator('h1 .chip').filter({ hasText: word }).waitFor({ timeout: 30_000 })

  beforeAll(async () => {
    roots = mkdtempSync(join(homedir(), '.console-e2e-'))
    cpSync(join(import.meta.dirname, '../../examples/trials'), join(roots, 'trials'), { recursive: true })
    writeFileSync(
      join(roots, 'trials/serves.sh'),
      '#!/usr/bin/env bash\necho "::step start::"\necho starting\necho warming >&2\nsleep 1\necho served\n',
      { mode: 0o755 },
    )
    if (needs.docker)
      execFileSync(
        'docker',
        [
          'run',
          '-d',
          '--name',
          container,
          '--label',
          'com.bytelyst.test=1',
          testImage,
          'bash',
          '-c',
          'while true; do echo tick; echo tock >&2; sleep 1; done',
        ],
        { stdio: 'ignore' },
      )
    console_ = await startConsole({ SCRIPT_ROOTS: roots })
    browser = await chromium.launch({
      executablePath: chromiumPath ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
    admin = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
    page = listen(await admin.newPage())
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await console_?.stop()
    if (needs.docker) execFileSync('docker', ['rm', '-f', container], { stdio: 'ignore' })
    rmSync(roots, { recursive: true, force: true })
  }, 30_000)

  it('makes the first admin with the token that the start printed', async () => {
    await page.goto(console_.devopsWeb)
    await page.getByLabel('Setup token').fill(console_.setupToken)
    await page.getByLabel('Your name').fill('First Admin')
    await page.getByLabel('E-mail').fill('first@example.net')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByLabel('Password again').fill(password)
    await picture('setup')
    await axe(page, 'setup')
    await page.getByRole('button', { name: 'Make the account' }).click()
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    await axe(page, 'overview')
  }, 60_000)

  it('approves exactly the text that was shown, and registers services', async () => {
    await page.goto(`${console_.devopsWeb}/settings?tab=scripts`)
    await page.getByText('trials-talks', { exact: true }).waitFor()
    await axe(page, 'settings')
    await page.goto(`${console_.devopsWeb}/settings?tab=scripts&approve=trials-serves`)
    await page.getByRole('region', { name: 'Text of the script' }).getByText('echo served').waitFor()
    await picture('approve')
    await axe(page, 'approve dialog')
    await page.getByRole('button', { name: 'Approve this text' }).click()
    await page.getByText('trials-serves is approved').waitFor()
    for (const script of ['trials-talks', 'trials-fails', 'trials-hangs', 'trials-exits-zero']) await approve(script)
    await register('web', { script: 'trials-serves', check: { url: `http://127.0.0.1:${new URL(console_.devopsWeb).port}/` } }).catch(
      () => undefined,
    )
    await page.goto(`${console_.devopsWeb}/services/edit`)
    await picture('service-form')
    await axe(page, 'service form')
    await register('talks', { script: 'trials-talks' })
    await register('fails', { script: 'trials-fails' })
    await register('hangs', { script: 'trials-hangs' })
    await register('sick', { script: 'trials-exits-zero', check: { url: 'http://127.0.0.1:7499/' } })
    await picture('service')
    await axe(page, 'service')
  }, 120_000)

  it('deploys and watches the output in two tabs, also after a reload in the middle', async () => {
    await deploy('talks', 'to see it live')
    await page.getByText('remark 3', { exact: true }).waitFor({ timeout: 20_000 })
    await picture('run-live')
    const second = listen(await admin.newPage())
    await second.goto(page.url())
    await second.getByText('line 1', { exact: true }).waitFor()
    await page.reload()
    await page.getByText('line 1', { exact: true }).waitFor()
    await page.getByText('line 12', { exact: true }).waitFor({ timeout: 20_000 })
    await second.getByText('line 12', { exact: true }).waitFor({ timeout: 20_000 })
    const streams = await page
      .locator('.log .l')
      .evaluateAll((lines) => lines.map((line) => [line.querySelector('.sr')?.textContent, line.querySelector('.tx')?.textContent]))
    expect(streams.find(([, text]) => text === 'line 2')?.[0]).toBe('out')
    expect(streams.find(([, text]) => text === 'remark 2')?.[0]).toBe('err')
    await state('succeeded, not verified')
    await second.close()
    await picture('run')
    await axe(page, 'run')
  }, 90_000)

  it('says why a run failed, cancels one that hangs, and fails one whose service is not healthy', async () => {
    await deploy('fails', 'to see it fail')
    await state('failed')
    await page.getByText('Exit status 3').waitFor()
    await page.getByRole('button', { name: 'First error' }).click()
    await page.getByText('error: the database refused the connection').waitFor()
    await deploy('hangs', 'to see it hang')
    await state('running')
    await page.getByRole('button', { name: 'Cancel run…' }).click()
    await page.getByLabel('Reason').fill('it hangs')
    await page.getByRole('button', { name: 'Cancel the run' }).click()
    await state('cancelled')
    await deploy('sick', 'to see it judged')
    await state('verifying')
    await state('failed')
    await page.getByText('did not get healthy in time').first().waitFor()
    await picture('run-failed')
  }, 120_000)

  it('refuses a script that was edited after its approval, and shows the difference', async () => {
    writeFileSync(join(roots, 'trials/fails.sh'), '#!/usr/bin/env bash\necho something else\n', { mode: 0o755 })
    await page.goto(`${console_.devopsWeb}/services/view?id=fails`)
    await page.getByRole('button', { name: 'Deploy…' }).click()
    await page.getByText('The script changed after it was approved.').waitFor()
    await page.getByRole('link', { name: 'Look at it' }).click()
    await page.getByRole('region', { name: 'Text of the script' }).getByText('echo something else').waitFor()
    await page.getByRole('region', { name: 'Text of the script' }).getByText('exit 3').waitFor()
    await picture('script-changed')
    await page.getByRole('button', { name: 'Approve this text' }).click()
    await page.getByText('trials-fails is approved').waitFor()
  }, 60_000)

  it.skipIf(!needs.docker)(
    'sees containers, follows a log, and restarts one after confirming',
    async () => {
      await page.goto(`${console_.devopsWeb}/containers?q=${container}`)
      const row = page.getByRole('row').filter({ hasText: container })
      await row.getByRole('button', { name: 'Log' }).click()
      await page.getByText('tick', { exact: true }).first().waitFor()
      await picture('containers')
      await axe(page, 'containers')
      await row.getByRole('button', { name: 'Restart…' }).click()
      await page.getByLabel('Reason').fill('to see it restart')
      await picture('restart')
      await page.getByRole('button', { name: `Restart ${container}` }).click()
      await page.getByText(`${container} was restarted`).waitFor({ timeout: 30_000 })
    },
    90_000,
  )

  it('reads in Audit who did all this, and that every chain is valid', async () => {
    await page.goto(`${console_.devopsWeb}/audit`)
    for (const log of ['platform-service', 'devops-backend', 'docker-proxy', 'host-agent'])
      await page.getByText(`${log}: valid`).waitFor({ timeout: 20_000 })
    await page.getByRole('cell', { name: 'runs.start' }).first().waitFor()
    await picture('audit')
    await axe(page, 'audit')
    for (const [path, title] of [
      ['', 'Needs attention'],
      ['/services', 'sick'],
      ['/deployments', 'History'],
      ['/health', 'Uptime'],
      ['/privileges', 'docker-proxy'],
      ['/profile', 'Sessions'],
      ['/settings?tab=retention', 'Retention'],
    ] as const) {
      await page.goto(`${console_.devopsWeb}${path}`)
      await page.getByText(title).first().waitFor()
      await page.waitForTimeout(500)
      await picture(path.replace(/\W/g, '') || 'overview')
      await axe(page, path)
    }
  }, 180_000)

  it('invites a viewer by a link, who sees everything allowed and is refused the rest', async () => {
    await page.goto(`${console_.adminWeb}/people`)
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
    await page
      .getByText(/\/invite#/)
      .first()
      .waitFor()
    inviteLink = (await page.locator('.once code').textContent()) ?? ''
    expect(inviteLink).toContain('/invite#')
    await picture('people-invited')
    await axe(page, 'people')
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
    const viewer = listen(await context.newPage())
    await viewer.goto(inviteLink)
    await viewer.getByLabel(/name/i).first().fill('New Viewer')
    await viewer.getByLabel('Password', { exact: true }).fill('cobalt meadow violin anchor')
    await viewer.getByLabel('Password again').fill('cobalt meadow violin anchor')
    await axe(viewer, 'invite')
    await viewer.getByRole('button', { name: /account|Accept|Join/ }).click()
    await viewer.waitForTimeout(1_000)
    await viewer.goto(`${console_.devopsWeb}/services/view?id=talks`)
    const button = viewer.getByRole('button', { name: 'Deploy…' })
    await button.waitFor()
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await viewer.getByText('Your role is viewer. This needs operator.').first().waitFor()
    await picture('viewer-service', viewer)
    const { csrfToken } = (await (await context.request.get(`${console_.devopsApi}/csrf-token`)).json()) as { csrfToken: string }
    const headers = { origin: console_.devopsWeb, 'content-type': 'application/json', 'x-csrf-token': csrfToken }
    const refused = await context.request.post(`${console_.devopsApi}/deployments/trigger/talks`, {
      headers,
      data: { reason: 'as a viewer' },
    })
    expect([refused.status(), ((await refused.json()) as { code: string }).code]).toEqual([403, 'AUTH_FORBIDDEN'])
    await page.goto(`${console_.devopsWeb}/audit?outcome=denied`)
    await page.getByRole('cell', { name: 'deployments.run.trigger' }).first().waitFor()
    await context.close()
  }, 90_000)

  it('keeps what was typed when another tab signs out', async () => {
    await page.goto(`${console_.devopsWeb}/services/edit`)
    await page.getByLabel('Description').fill('typed before the session ended')
    const other = listen(await admin.newPage())
    await other.goto(console_.devopsWeb)
    await other.getByRole('button', { name: /account menu/ }).click()
    await other.getByText('Sign out').click()
    await page.getByRole('heading', { name: 'You were signed out' }).waitFor({ timeout: 15_000 })
    await picture('signed-out')
    await page.getByRole('dialog').getByLabel('Password').fill(password)
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'You were signed out' }).waitFor({ state: 'detached' })
    expect(await page.getByLabel('Description').inputValue()).toBe('typed before the session ended')
    await other.close()
  }, 60_000)

  it('met no error in a page and no violation of the policy', () => {
    expect(noise).toEqual([])
  })
})
