import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure } from '@console/testkit/deep'
import { type DeployedConsole, deployConsole, deployedParts, docker, startAgentBeside } from '@console/testkit/deployed-console'
import { chromiumPath, describeNeeding } from '@console/testkit/needs'
import { approve, aService, good, type Person } from '@console/testkit/people'
import type { Program } from '@console/testkit/program'
import { root } from '@console/testkit/start-console'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { flags, patienceMs } from './e2e/chromium-page.ts'

const minutes = 60_000

/** A deployed console with host-agent beside it, in the browser of its admin. */
describeNeeding(['deployed', 'chromium'], 'a deployed console that deploys', () => {
  let deployed: DeployedConsole
  let admin: Person
  let agent: Program
  let browser: Browser
  let page: Page
  let scripts = ''
  let agentData = ''
  const put = (name: string, text: string): void =>
    writeFileSync(join(scripts, `${name}.sh`), `#!/usr/bin/env bash\nset -euo pipefail\n${text}\n`, { mode: 0o755 })

  beforeAll(async () => {
    deployed = await deployConsole()
    admin = await deployed.people.setUp(deployed.secret('setup_token'))
    scripts = mkdtempSync(join(homedir(), '.console-own-'))
    agentData = mkdtempSync(join(homedir(), '.console-own-agent-'))
    agent = await startAgentBeside(deployed, { DATA_DIR: agentData, SCRIPT_ROOTS: scripts })
    put('greets', 'for n in {1..5}; do echo "greeting $n"; sleep 0.5; done')
    put('console', `exec ${join(root, 'deploy/deploy.sh')} up --yes --no-backup --dir ${deployed.dir}`)
    for (const name of ['greets', 'console']) {
      await until(`${name} is known`, async () => (await admin.devops.get('/scripts')).text.includes(`"${name}"`), minutes)
      await approve(admin, name)
      good(await admin.devops.post('/services', aService(name, name)), 201)
    }
    browser = await chromium.launch({
      executablePath: chromiumPath ?? '',
      args: [...flags, `--host-resolver-rules=MAP *.${deployed.domain}:443 127.0.0.1:${deployed.port}`],
    })
    page = await (await signedIn()).newPage()
  }, 15 * minutes)
  afterAll(async () => {
    await browser?.close()
    await agent?.stop()
    await deployed?.remove()
    for (const folder of [scripts, agentData]) if (folder !== '') rmSync(folder, { recursive: true, force: true })
  }, 3 * minutes)

  /** The admin's browser. The certificate is the test's own: that it is the right one is asked elsewhere. */
  async function signedIn(): Promise<BrowserContext> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: 'reduce', serviceWorkers: 'block' })
    context.setDefaultTimeout(patienceMs)
    const host = `api.${deployed.domain}`
    await context.addCookies(
      [...admin.platform.jar].map(([key, { value, path }]) => ({
        ...{ name: key.split(' ')[0] ?? '', value, domain: host, path },
        ...{ secure: true, httpOnly: true, sameSite: 'Strict' as const },
      })),
    )
    return context
  }

  /** From the button to the end of the run, on the page of it. */
  async function deployByButton(service: string): Promise<Record<string, unknown>> {
    await page.goto(`https://devops.${deployed.domain}/services/view?id=${service}`)
    await page.getByRole('button', { name: 'Deploy…' }).click()
    await page.getByLabel('Reason').fill('by its own button')
    await page.getByRole('button', { name: `Deploy ${service}` }).click()
    await page.waitForURL(/deployments\/view/)
    const id = new URL(page.url()).searchParams.get('id')
    await page
      .locator('h1 .chip')
      .filter({ hasText: 'succeeded' })
      .waitFor({ timeout: 8 * minutes })
    return good(await admin.devops.get(`/deployments/${id}`), 200).body
  }
  const printed = (text: string): Promise<void> => page.locator('.log .tx').filter({ hasText: text }).first().waitFor()
  const ids = (): string[] => deployedParts.map((part) => docker('inspect', '--format', '{{.Id}}', deployed.nameOf(part)))

  it(
    'deploys a service, and shows what it prints',
    async () => {
      expect(await deployByButton('greets')).toMatchObject({ state: 'succeeded', exitCode: 0 })
      await printed('greeting 5')
    },
    3 * minutes,
  )

  it(
    'deploys itself: the run outlives the backend that began it, and its page goes on',
    async () => {
      const before = ids()
      const began = performance.now()
      expect(await deployByButton('console')).toMatchObject({ state: 'succeeded', exitCode: 0 })
      reportFigure('the console by its own button, seconds', Math.round((performance.now() - began) / 1_000))
      await printed('is well')
      // Nothing of the gateway has changed.
      expect(ids().filter((id) => before.includes(id))).toEqual([before.at(-1)])
      expect((await admin.devops.get('/parts')).status).toBe(200)
    },
    10 * minutes,
  )
})
