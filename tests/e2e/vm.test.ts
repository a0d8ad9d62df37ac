import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pageFindings } from './chromium-page.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000
const debs = ['bash', 'curl', 'git', 'less', 'nano', 'vim'].map((name) => `var/cache/apt/archives/${name}_1.0_amd64.deb`)
const goes = [...debs, 'var/log/nginx/access.log.2.gz', 'var/log/syslog.3']
const stays = ['var/cache/apt/archives/lock', 'var/log/syslog', 'var/lib/docker/overlay2/a.gz', 'home/uma/old.gz']

/** Crontabs of an account that is the one the tests run as, and how its wrapped line ended last. */
const schedules: Readonly<Record<string, string>> = {
  'etc/passwd': `uma:x:${process.getuid?.()}:0::/home/uma:/bin/sh\n`,
  'var/spool/cron/crontabs/uma': [
    '15 3 * * * /opt/bytelyst-agent/current/app/vm/lib/run-logged.sh nightly-backup restic backup --password Hunter2 /srv',
    '*/15 * * * * /home/uma/report.sh <img/src=x>',
    'not a line of cron\n',
  ].join('\n'),
  'var/spool/cron/crontabs/gone': '* * * * * x\n',
  'home/uma/.local/state/bytelyst-runs/nightly-backup.ended.json':
    '{"v":1,"name":"nightly-backup","startedAt":"2026-11-28T03:15:01.000Z","endedAt":"2026-11-28T03:15:05.000Z","exitCode":7}\n',
}

describeNeeding('chromium', 'the page of the machine', () => {
  let here: SeededBrowser
  let root: string
  let page: Page
  const inRoot = (path: string): string => join(root, path)
  /** A file that nobody wrote for more than a year. */
  const plant = (path: string): void => {
    mkdirSync(dirname(inRoot(path)), { recursive: true })
    writeFileSync(inRoot(path), 'x'.repeat(20_000))
    utimesSync(inRoot(path), 1_700_000_000, 1_700_000_000)
  }
  const findings = (name: string) => pageFindings(page, name)

  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'vm-page-')))
    mkdirSync(join(root, 'var/log'), { recursive: true })
    writeFileSync(
      join(root, 'var/log/docker-watchdog.log'),
      `2026-11-28T14:29:50Z warn report-worker-2 restarts again and again\n${new Date().toISOString().slice(0, 19)}Z ok 61 containers, 1 to look at\n`,
    )
    writeFileSync(
      join(root, 'var/log/vm-cleanup.log'),
      '2026-11-28T03:15:04Z ok removed 12 of 12 \u001b[31mwith token=x api_key=abcdefgh\n<img src=x onerror=alert(1)>{{7*7}}\n',
    )
    for (const path of [...goes, ...stays]) plant(path)
    for (const [path, text] of Object.entries(schedules)) {
      mkdirSync(dirname(inRoot(path)), { recursive: true })
      writeFileSync(inRoot(path), text, { mode: 0o600 })
    }
    here = await startSeededBrowser({ HOST_ROOT: root })
    page = here.page
  }, 5 * minute)
  afterAll(async () => {
    await here?.stop()
    rmSync(root, { recursive: true, force: true })
  }, minute)

  it(
    'shows what was checked, worst first, and what the scripts wrote into their logs',
    async () => {
      const found: string[] = []
      await page.goto(`${here.running.devopsWeb}/`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      const lamp = page.getByRole('navigation', { name: 'Annunciator' }).getByRole('link', { name: /^Jobs 1/ })
      await lamp.waitFor({ timeout: minute })
      expect(await lamp.getAttribute('href')).toContain('jobs=look')
      await page
        .getByRole('navigation', { name: 'Pages' })
        .getByRole('link', { name: /^VM\s*1 need/ })
        .waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('v')
      await page.getByRole('cell', { name: 'Disk /', exact: true }).waitFor({ timeout: 1.5 * minute })
      await page.getByRole('heading', { level: 1, name: /check|All checks/ }).waitFor()
      const words = await page.getByRole('region', { name: 'Checks' }).locator('tbody .st').allTextContents()
      const order = ['fails', 'warns', 'not measured', 'passes']
      expect(words).toEqual([...words].sort((a, b) => order.indexOf(a) - order.indexOf(b)))
      await page.getByRole('button', { name: 'Run now' }).click()
      const watchdog = page.getByRole('region', { name: 'Watchdog' })
      await watchdog.getByText('report-worker-2 restarts again and again').waitFor()
      const logs = page.getByRole('region', { name: 'Logs' })
      await logs.getByText('removed 12 of 12 with token=x api_key=[masked]').waitFor()
      await logs.getByText('<img src=x onerror=alert(1)>{{7*7}}').waitFor()
      const jobs = page.getByRole('region', { name: 'Scheduled jobs' })
      await jobs.getByRole('row', { name: /^exit 7 nightly-backup .*every day 03:15/ }).waitFor({ timeout: minute })
      expect(await jobs.locator('tbody .st').allTextContents()).toEqual(['exit 7', 'not recorded'])
      expect(await jobs.textContent()).toContain('<img/src=x>')
      expect(await jobs.textContent()).not.toContain('Hunter2')
      await jobs.getByText('2 things were passed over').focus()
      await page.keyboard.press('Enter')
      await jobs.getByText('Cron passes it over: there is no such account.').waitFor()
      await page.getByRole('region', { name: 'Services of the host' }).getByText('systemd tells of no service here').waitFor()
      found.push(...(await findings('vm')))
      await jobs.getByRole('radio', { name: 'All 2' }).press('ArrowRight')
      await page.waitForURL(/jobs=look/)
      await expect.poll(() => jobs.locator('tbody .st').allTextContents(), { timeout: 45_000 }).toEqual(['exit 7'])
      await page.getByRole('radio', { name: 'Cleanup' }).press('ArrowRight')
      await page.waitForURL(/log=health-check/)
      await logs.getByText('This log is not there yet').waitFor()
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    3 * minute,
  )

  it(
    'plans a cleanup, has exactly that confirmed, and shows what came of it',
    async () => {
      const found: string[] = []
      await page.goto(`${here.running.devopsWeb}/vm`)
      await page.getByText('Nothing was cleaned up yet').waitFor({ timeout: minute })
      await page.getByRole('button', { name: 'Plan cleanup…' }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('dialog', { name: /Delete 6 package files and 2 rotated logs on/ }).waitFor({ timeout: minute })
      await page.getByRole('button', { name: 'Show 1 more' }).click()
      await page.getByText('/var/cache/apt/archives/vim_1.0_amd64.deb').waitFor()
      found.push(...(await findings('vm-plan')))
      const last = page.getByRole('button', { name: /^Delete 8 objects/ })
      expect(await last.getAttribute('aria-disabled')).toBe('true')
      await page.getByLabel('Reason').fill('to make room')
      await expect.poll(() => last.getAttribute('aria-disabled'), { timeout: 45_000 }).toBe(null)
      // One is written again between the plan and the deed.
      writeFileSync(inRoot('var/log/syslog.3'), 'new')
      await last.click()
      await page.getByRole('dialog', { name: /7 of 8 objects deleted/ }).waitFor({ timeout: minute })
      await page.getByText('was kept: too young').waitFor()
      found.push(...(await findings('vm-receipt')))
      expect(goes.filter((path) => existsSync(inRoot(path)))).toEqual(['var/log/syslog.3'])
      expect(stays.filter((path) => !existsSync(inRoot(path)))).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.getByRole('cell', { name: '7 of 8 removed' }).waitFor()
      await page.getByRole('cell', { name: /First Admin/ }).waitFor()
      await page.getByRole('region', { name: 'Logs' }).getByText('ok removed 7 of 8 planned').waitFor({ timeout: 45_000 })
      await page.goto(`${here.running.devopsWeb}/vm?plan=true`)
      await page.getByRole('dialog', { name: 'Nothing on this machine can go' }).waitFor({ timeout: minute })
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    4 * minute,
  )

  it(
    'says what it knows when the agent is away, when a script was changed, and what is not for a role',
    async () => {
      const found: string[] = []
      const refuse = (url: RegExp, status: number, code: string, detail: string) =>
        page.route(url, (route) =>
          route.fulfill({
            status,
            contentType: 'application/problem+json',
            json: { type: 'about:blank', title: 'x', status, code, detail, requestId: 'r-1' },
          }),
        )
      await refuse(/\/vm\/health$/, 409, 'VM_SCRIPT_CHANGED', 'vm-health-check.sh is not the script that came with this agent.')
      await refuse(/\/vm\/(cleanup|health|watchdog)-log/, 403, 'AUTH_FORBIDDEN', 'vm.log needs the role operator.')
      await refuse(/\/vm\/(cron-status|units)/, 503, 'HOST_AGENT_AWAY', 'host-agent does not answer.')
      await refuse(/\/vm\/cleanups/, 503, 'HOST_AGENT_AWAY', 'host-agent does not answer.')
      await page.goto(`${here.running.devopsWeb}/vm`)
      const checks = page.getByRole('region', { name: 'Checks' })
      await checks.getByText('is not the script that came with this agent').waitFor({ timeout: minute })
      await page.getByText('Lines of this log are not for your role').waitFor({ timeout: minute })
      await page.getByRole('region', { name: 'Receipts' }).getByRole('button', { name: 'Try again' }).waitFor({ timeout: minute })
      await page.getByRole('region', { name: 'Scheduled jobs' }).getByRole('button', { name: 'Try again' }).waitFor({ timeout: minute })
      found.push(...(await findings('vm-refused')))
      await page.unrouteAll()
      await checks.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('cell', { name: 'Disk /', exact: true }).waitFor({ timeout: 1.5 * minute })
      await refuse(/\/vm\/health$/, 503, 'HOST_AGENT_AWAY', 'host-agent does not answer.')
      await page.getByRole('button', { name: 'Run now' }).click()
      await checks.getByText('Checks could not be refreshed: host-agent does not answer.').waitFor({ timeout: minute })
      expect(await page.getByRole('cell', { name: 'Disk /', exact: true }).count()).toBe(1)
      await page.unrouteAll()
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    4 * minute,
  )
})
