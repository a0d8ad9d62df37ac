import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { type AgentPlace, openVmPlace } from '@console/testkit/agent-place'
import { describeNeeding } from '@console/testkit/needs'
import { password } from '@console/testkit/people'
import { partPid } from '@console/testkit/start-console'
import { inVm, tryInVm } from '@console/testkit/vm'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listenForNoise, newContext, pageFindings } from './chromium-page.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000
const name = `page-${randomBytes(3).toString('hex')}`
const asUma = (...command: string[]) => tryInVm('runuser', '-u', 'uma', '--', 'env', 'XDG_RUNTIME_DIR=/run/user/1000', ...command)

describeNeeding(['vm', 'chromium'], 'the page of a machine with systemd', () => {
  let here: SeededBrowser
  let place: AgentPlace
  let sockets: string
  const opened = (page: Page, panel: string) => page.getByRole('region', { name: panel })
  const rowOf = (page: Page, panel: string, text: string) => opened(page, panel).getByRole('row').filter({ hasText: text })

  beforeAll(async () => {
    sockets = mkdtempSync(join(tmpdir(), 'vm-page-'))
    here = await startSeededBrowser({ SOCKET_DIR: sockets })
    const asking = {
      keysDir: join(here.running.dataDir, 'keys'),
      socketPath: join(sockets, 'host-agent.sock'),
      env: { NODE_ENV: 'production' },
    }
    place = await openVmPlace({}, asking)
    // The one of this machine ends without a word; the next finds that its socket is in use, and does not start.
    process.kill(partPid(here.running.dataDir, 'host-agent'), 'SIGKILL')
    const wrapper = `${dirname(place.scripts)}/project/vm/lib/run-logged.sh`
    const [well, fails] = [`${wrapper} ${name}-well sh -c "exit 0"`, `${wrapper} ${name}-fails sh -c "exit 7"`]
    place.bash(
      'printf "15 3 * * * root %s\\n" "$2" >"/etc/cron.d/$1"; printf "30 4 * * * %s\\n" "$3" | crontab -u uma -',
      name,
      well,
      fails,
    )
    inVm('/bin/sh', '-c', well)
    tryInVm('runuser', '-u', 'uma', '--', '/bin/sh', '-c', fails)
    const timer = (unit: string) => ['systemd-run', '--quiet', `--unit=${name}-${unit}`, '--on-calendar=*-*-* 03:15:00', '/bin/sh', '-c']
    inVm(...timer('timer'), 'exit 3')
    tryInVm('systemctl', 'start', `${name}-timer.service`)
    asUma(timer('own')[0] ?? '', '--user', ...timer('own').slice(1), 'exit 0')
    asUma('systemctl', '--user', 'start', `${name}-own.service`)
    await place.start()
  }, 5 * minute)
  afterAll(async () => {
    place?.bash(
      'rm -f "/etc/cron.d/$1" ~root/.local/state/bytelyst-runs/"$1"* /home/uma/.local/state/bytelyst-runs/"$1"*; crontab -u uma -r; systemctl stop "$1-timer.timer"; systemctl reset-failed "$1-timer.service"; true',
      name,
    )
    asUma('systemctl', '--user', 'stop', `${name}-own.timer`)
    await place?.remove()
    await here?.stop()
    rmSync(sockets, { recursive: true, force: true })
  }, minute)

  it(
    'shows what root and another account have cron and timers do, as it ended, and the services with what failed first',
    async () => {
      const { page } = here
      await page.goto(`${here.running.devopsWeb}/vm`)
      await opened(page, 'Host').getByText(inVm('uname', '-n').trim()).waitFor({ timeout: minute })
      const state = (panel: string, text: string) => rowOf(page, panel, text).locator('.st').first()
      await state('Scheduled jobs', `${name}-well`).waitFor({ timeout: minute })
      const words = await Promise.all(
        ['-fails', '-timer', '-well', '-own'].map((end) => state('Scheduled jobs', `${name}${end}`).textContent()),
      )
      expect(words).toEqual(['exit 7', 'exit 3', 'exit 0', 'exit 0'])
      for (const [end, account] of Object.entries({ '-fails': 'uma', '-own': 'uma', '-well': 'root' }))
        await rowOf(page, 'Scheduled jobs', `${name}${end}`).getByText(account, { exact: false }).first().waitFor()
      const units = opened(page, 'Services of the host')
      await units.getByRole('row').filter({ hasText: 'cron.service' }).waitFor({ timeout: minute })
      expect(await rowOf(page, 'Services of the host', `${name}-timer.service`).locator('.st').textContent()).toMatch(/failed/)
      const kinds = await units.locator('tbody .st').allTextContents()
      expect(kinds.findIndex((word) => /failed/.test(word))).toBe(0)
      expect(await pageFindings(page, 'vm-machine')).toEqual([])
      expect(here.noise).toEqual([])
    },
    4 * minute,
  )

  it(
    'shows a viewer how it is, and what is for other roles with the reason',
    async () => {
      await here.running.people.invite(await here.admin(), 'viewer')
      const context = await newContext(here.browser)
      try {
        const page = await context.newPage()
        const noise: string[] = []
        await listenForNoise(page, noise)
        await page.goto(`${here.running.devopsWeb}/vm`)
        await page.getByLabel('E-mail').fill('viewer@example.net')
        await page.getByLabel('Password', { exact: true }).fill(password)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await opened(page, 'Host').getByText(inVm('uname', '-n').trim()).waitFor({ timeout: minute })
        await rowOf(page, 'Checks', `${name}-timer.service`).waitFor()
        for (const panel of ['Scheduled jobs', 'Services of the host', 'Watchdog', 'Logs'])
          await opened(page, panel).getByText('not for your role').waitFor()
        expect(await page.locator('main').textContent()).not.toContain(`${name}-fails`)
        const plan = page.getByRole('button', { name: 'Plan cleanup…' })
        expect(await plan.getAttribute('aria-disabled')).toBe('true')
        await page.getByText('Your role is viewer. This needs operator.').waitFor()
        expect(await pageFindings(page, 'vm-viewer')).toEqual([])
        expect(noise).toEqual([])
      } finally {
        await context.close()
      }
    },
    4 * minute,
  )
})
