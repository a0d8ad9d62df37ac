/**
 * Runs every test that this machine can run and ends with one line, `N passed, N failed, N skipped`.
 * Dashboards are built first, because the browser tests look at what is shipped.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildDashboards } from '../apps/launcher/src/build-dashboards.ts'

type Report = { numPassedTests: number; numFailedTests: number; numPendingTests: number; numTodoTests: number; numFailedTestSuites: number }

const root = join(import.meta.dirname, '..')
await buildDashboards({ root, say: (line) => console.log(line) })

const scratch = mkdtempSync(join(tmpdir(), 'console-test-'))
const report = join(scratch, 'report.json')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const child = spawn(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
)
const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)))

const totals = read(report)
rmSync(scratch, { recursive: true })
if (!totals) {
  console.log('The test runner ended without a report.')
  process.exit(1)
}
const skipped = totals.numPendingTests + totals.numTodoTests
const failed = totals.numFailedTests + (totals.numFailedTests === 0 ? totals.numFailedTestSuites : 0)
console.log(`${totals.numPassedTests} passed, ${failed} failed, ${skipped} skipped`)
process.exit(code !== 0 || totals.numPassedTests === 0 ? 1 : 0)

function read(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return null
  }
}
