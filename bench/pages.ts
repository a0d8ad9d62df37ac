/// <reference lib="dom" />
/**
 * What does the browser load, and how soon are 200 services on the page? In a real Chromium, with an empty cache. `node bench/pages.ts`
 * Baselines are of another run: Dozzle 10.7 for the first load, Uptime Kuma 2.5 for the sign-in to 200 monitors.
 */
import { chromiumPath } from '@console/testkit/needs'
import { aService, good, password } from '@console/testkit/people'
import { startConsole } from '@console/testkit/start-console'
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core'
import { timesOf } from './measure.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const dozzleKb = 246
const kuma = { seconds: 4.1, kb: 800 }
const services = 200
const rounds = 5
const pages = [
  'services',
  'containers',
  'deployments',
  'health',
  'audit',
  'privileges',
  'settings',
  'profile',
  'services/edit',
  'services/view?id=service-0',
]

const undo = createUndo()
const running = await startConsole()
undo.add(() => running.stop())
const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox', '--disable-gpu'] })
undo.add(() => browser.close())
try {
  const admin = await running.people.setUp(running.setupToken)
  // 30 changes a minute are one person's, so that several people register them.
  let who = admin
  // Who walks through the door: an admin would be asked for a second factor.
  await running.people.invite(admin, 'operator')
  for (let at = 0; at < services; at += 1) {
    if (at > 0 && at % 29 === 0) who = await running.people.invite(admin, 'admin')
    good(await who.devops.post('/services', aService(`service-${at}`)), 201)
  }
  const context = await browser.newContext()
  const first = await visited(context, async (page) => {
    await page.goto(running.devopsWeb)
    await page.getByLabel('E-mail').waitFor()
    return undefined
  })
  await context.close()
  const signIns: Visit[] = []
  for (let round = 0; round < rounds; round += 1) signIns.push(await signIn())
  const each: { readonly page: string; readonly kb: number }[] = []
  const member = await browser.newContext()
  await throughDoor(await member.newPage())
  for (const page of pages) {
    const fresh = await browser.newContext({ storageState: await member.storageState() })
    const visit = await visited(fresh, async (tab) => {
      await tab.goto(`${running.devopsWeb}/${page}`)
      await tab.getByRole('heading').first().waitFor()
      await tab.waitForTimeout(1_500)
      return undefined
    })
    await fresh.close()
    each.push({ page, kb: visit.script })
  }
  const heaviest = each.reduce((most, one) => (one.kb > most.kb ? one : most))
  const lines: Line[] = [
    { what: 'script of the first visit', ours: first.script, baseline: dozzleKb, unit: 'KB', aim: { of: 'ratio', most: 0.8 } },
    { what: `script of the heaviest page, ${heaviest.page}`, ours: heaviest.kb, unit: 'KB', aim: { of: 'value', most: 320 } },
    {
      what: `sign-in to ${services} services listed`,
      ours: timesOf(signIns.map(({ ms }) => ms)).p50 / 1_000,
      baseline: kuma.seconds,
      unit: 's',
      aim: { of: 'ratio', most: 0.1 },
    },
    {
      what: 'bytes from the sign-in to the list',
      ours: timesOf(signIns.map(({ kb }) => kb)).p50,
      baseline: kuma.kb,
      unit: 'KB',
      aim: { of: 'ratio', most: 0.1 },
    },
  ]
  process.exitCode = printTable('What the browser loads', 'Dozzle or Kuma, other run', lines) > 0 ? 1 : 0
} finally {
  await undo.all()
}

type Visit = { readonly ms: number; readonly script: number; readonly kb: number }

/** Counts what comes over the wire while something is done in a fresh tab, and how long that took. */
async function visited(context: BrowserContext, act: (page: Page) => Promise<number | undefined>): Promise<Visit> {
  const page = await context.newPage()
  const wire = await wireOf(await context.newCDPSession(page))
  const from = performance.now()
  const told = await act(page)
  return { ms: told ?? performance.now() - from, ...wire() }
}

async function wireOf(session: CDPSession): Promise<() => { script: number; kb: number }> {
  const kinds = new Map<string, string>()
  let [script, all] = [0, 0]
  session.on('Network.responseReceived', ({ requestId, type }) => void kinds.set(requestId, type))
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    all += encodedDataLength
    if (kinds.get(requestId) === 'Script') script += encodedDataLength
  })
  await session.send('Network.enable')
  return () => ({ script: script / 1_000, kb: all / 1_000 })
}

/** Somebody with an empty cache opens the list, signs in and has all of it: the time runs from the click. */
async function signIn(): Promise<Visit> {
  const context = await browser.newContext()
  const visit = await visited(context, throughDoor)
  await context.close()
  return visit
}

async function throughDoor(page: Page): Promise<number> {
  await page.goto(`${running.devopsWeb}/services`)
  await page.getByLabel('E-mail').fill('operator@example.net')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.evaluate(() => document.addEventListener('click', () => performance.mark('asked'), { capture: true, once: true }))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForFunction((wanted) => {
    const is = document.querySelectorAll('tbody tr').length >= wanted
    if (is) performance.mark('listed')
    return is
  }, services)
  return page.evaluate(() => performance.measure('sign-in', 'asked', 'listed').duration)
}
