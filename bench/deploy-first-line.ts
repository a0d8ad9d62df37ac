/// <reference lib="dom" />
/**
 * How long from the click on Deploy to the first line of the script on the page? In a real Chromium, all parts running. `node bench/deploy-first-line.ts`
 * Baseline: the same script started by a shell on this machine, to its first line.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { chromiumPath } from '@console/testkit/needs'
import { approve, aService, good, password } from '@console/testkit/people'
import { startConsole } from '@console/testkit/start-console'
import { chromium, type Page } from 'playwright-core'
import { timed, timesOf } from './measure.ts'
import { printTable } from './table.ts'
import { createUndo } from './undo.ts'

const rounds = 6
const says = 'the first line'
const undo = createUndo()
const roots = mkdtempSync(join(homedir(), '.console-bench-'))
undo.add(() => rmSync(roots, { recursive: true, force: true }))
const script = join(roots, 'bench', 'speaks.sh')
mkdirSync(join(roots, 'bench'))
writeFileSync(script, `#!/usr/bin/env bash\n# timeout: 60\necho '${says}'\nsleep 0.2\n`, { mode: 0o755 })
const running = await startConsole({ SCRIPT_ROOTS: roots })
undo.add(() => running.stop())
const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox', '--disable-gpu'] })
undo.add(() => browser.close())
try {
  const admin = await running.people.setUp(running.setupToken)
  await approve(admin, 'bench-speaks')
  good(await admin.devops.post('/services', aService('speaks', 'bench-speaks')), 201)
  // An admin would be asked for a second factor.
  await running.people.invite(admin, 'operator')
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${running.devopsWeb}/services/view?id=speaks`)
  await page.getByLabel('E-mail').fill('operator@example.net')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Deploy…' }).waitFor()
  const [clicks, shells]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    shells.push(await timed(firstOfShell))
    const took = await deploy(page)
    // The first one compiles and loads what the others find ready.
    if (round > 0) clicks.push(took)
    await page.locator('h1 .chip').getByText('succeeded').waitFor()
  }
  const lines = [
    {
      what: 'click to the first line on the page, p50',
      ours: timesOf(clicks).p50,
      baseline: timesOf(shells).p50,
      unit: 'ms',
      aim: { of: 'value', most: 150 } as const,
    },
    { what: 'click to the first line on the page, p95', ours: timesOf(clicks).p95, baseline: timesOf(shells).p95, unit: 'ms' },
  ]
  process.exitCode = printTable('The first line of a deployment', 'shell', lines) > 0 ? 1 : 0
} finally {
  await undo.all()
}

function firstOfShell(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(script, { stdio: ['ignore', 'pipe', 'ignore'] })
    child.once('error', reject)
    child.stdout.once('data', () => {
      child.kill()
      resolve()
    })
  })
}

/** Both moments are taken in the page: the click as it arrives there, and the line as it stands in the document. */
async function deploy(page: Page): Promise<number> {
  await page.goto(`${running.devopsWeb}/services/view?id=speaks`)
  await page.getByRole('button', { name: 'Deploy…' }).click()
  await page.getByLabel('Reason').fill('to see how soon it speaks')
  await page.evaluate((text) => {
    document.addEventListener('click', () => performance.mark('clicked'), { capture: true, once: true })
    new MutationObserver((_changes, observer) => {
      if (![...document.querySelectorAll('.log .tx')].some((line) => line.textContent === text)) return
      performance.mark('spoken')
      observer.disconnect()
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
  }, says)
  await page.getByRole('button', { name: 'Deploy speaks' }).click()
  await page.waitForFunction(() => performance.getEntriesByName('spoken').length > 0)
  return page.evaluate(() => performance.measure('first-line', 'clicked', 'spoken').duration)
}
