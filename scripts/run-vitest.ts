import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AttackRecord } from '@console/testkit/attack'

/** What one run of the tests came to. `seconds` is how long it took, `leftOut` the parts that this machine lacks, each with its reason. */
export type Outcome = {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly status: number
  readonly seconds: number
  readonly leftOut: readonly string[]
  readonly attacks: readonly AttackRecord[]
  readonly figures: readonly { readonly name: string; readonly value: number | string }[]
}
type Report = { numPassedTests: number; numFailedTests: number; numPendingTests: number; numTodoTests: number; numFailedTestSuites: number }

const root = join(import.meta.dirname, '..')

/** Runs the tests with these arguments and reads back what they reported. @throws Error when the runner ended without a report */
export async function runVitest(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const scratch = mkdtempSync(join(tmpdir(), 'console-test-'))
  const [report, records, leftOut, figures] = ['report.json', 'attacks', 'left-out', 'figures'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
    string,
  ]
  mkdirSync(records)
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, CONSOLE_ATTACK_RECORDS: records, CONSOLE_LEFT_OUT: leftOut, CONSOLE_DEEP_FIGURES: figures, ...env },
    },
  )
  const status = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)))
  try {
    const totals = JSON.parse(read(report)) as Report
    return {
      passed: totals.numPassedTests,
      failed: totals.numFailedTests + (totals.numFailedTests === 0 ? totals.numFailedTestSuites : 0),
      skipped: totals.numPendingTests + totals.numTodoTests,
      status,
      seconds: Math.round((performance.now() - started) / 1_000),
      leftOut: [...new Set(read(leftOut).split('\n').filter(Boolean))],
      attacks: readdirSync(records).flatMap((file) => lines<AttackRecord>(read(join(records, file)))),
      figures: lines(read(figures)),
    }
  } catch (cause) {
    throw new Error('The test runner ended without a report.', { cause })
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function lines<Line>(text: string): Line[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
}
