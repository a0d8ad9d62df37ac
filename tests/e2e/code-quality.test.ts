import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pageFindings } from './chromium-page.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000
const patient = { timeout: 60_000 }

describeNeeding(['chromium', 'contained'], 'the page of code quality', () => {
  let here: SeededBrowser
  let roots: string

  beforeAll(async () => {
    roots = mkdtempSync(join(tmpdir(), 'code-page-of-a-folder-whose-path-is-wider-than-a-phone-'))
    chmodSync(roots, 0o755)
    const project = join(roots, 'shop')
    mkdirSync(project)
    const scripts = {
      typecheck: 'cat said.txt && exit 2',
      lint: 'echo all well',
    }
    writeFileSync(join(project, 'said.txt'), "src/a.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.\n")
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'shop', version: '1.0.0', scripts }))
    // Where the agent is root, checks run as an account of their own that owns the project.
    if (process.getuid?.() === 0)
      for (const path of [project, join(project, 'package.json'), join(project, 'said.txt')]) chownSync(path, 65_534, 65_534)
    here = await startSeededBrowser({ CODE_ROOTS: roots, CODE_ACCOUNT: 'nobody' })
  }, 3 * minute)
  afterAll(async () => {
    await here?.stop()
    rmSync(roots, { recursive: true, force: true })
  }, minute)

  it(
    'runs the checks of a project, tells what each counted, and keeps it in history and trend',
    async () => {
      const { page, running, noise } = here
      await page.goto(`${running.devopsWeb}/code-quality`)
      await page.getByText('No code was checked yet').waitFor(patient)
      await page.getByRole('button', { name: 'Run checks…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Check code' })
      await dialog.getByText('typecheck').waitFor()
      await dialog.getByRole('button', { name: 'Run 2 checks' }).click()
      await dialog.waitFor({ state: 'detached', ...patient })
      const run = page.getByRole('region', { name: /shop$/ })
      await run.getByText('1 error').waitFor(patient)
      await page
        .getByText(/error TS2322/)
        .first()
        .waitFor(patient)
      await page.getByRole('region', { name: 'Runs' }).getByText('failed').first().waitFor(patient)
      await page.getByRole('region', { name: 'Trend' }).getByText('0 of 1').waitFor(patient)
      expect(await pageFindings(page, 'code-quality')).toEqual([])
      await page.getByRole('button', { name: 'Close' }).first().click()
      await run.waitFor({ state: 'detached' })
      expect(noise).toEqual([])
    },
    3 * minute,
  )
})
