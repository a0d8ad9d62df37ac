import { describe, expect, it } from 'vitest'
import { countFindings } from './count-findings.ts'

const esc = '\u001b'
const counted = (text: string) => {
  const findings = countFindings()
  for (const line of text.split('\n')) findings.take(line)
  return findings.counts()
}
const none = { tool: null, errors: null, warnings: null, testsPassed: null, testsFailed: null, testsSkipped: null }

// Each as the tool itself printed it.
const tsc = `a.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.
a.ts(2,14): error TS2322: Type 'number' is not assignable to type 'string'.`
const tscPretty = `${esc}[96ma.ts${esc}[0m:${esc}[93m1${esc}[0m:${esc}[93m7${esc}[0m - ${esc}[91merror${esc}[0m${esc}[90m TS2322: ${esc}[0mType 'string' is not assignable to type 'number'.

${esc}[7m1${esc}[0m const a: number = 'x'
${esc}[7m ${esc}[0m ${esc}[91m      ~${esc}[0m

Found 1 error in a.ts${esc}[90m:1${esc}[0m`
const eslint = `
/project/src/a.js
  1:7   error    'a' is assigned a value but never used  no-unused-vars
  3:1   warning  Unexpected console statement            no-console

✖ 12 problems (3 errors, 9 warnings)
  1 error and 0 warnings potentially fixable with the \`--fix\` option.
`
const biome = `    2 │ export·const·d·=·(x:·any)·=>·{·var·e·=·x;·return·e·===·1·}
      │                                                      +

Checked 1 file in 22ms. No fixes applied.
Found 2 errors.
Found 1 warning.
lint ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

  × Some errors were emitted while running checks.`
const vitest = ` Test Files  1 failed (1)
      Tests  1 failed | 12 passed | 1 skipped | 1 todo (15)
   Start at  16:35:40
   Duration  578ms (transform 40%, import 28%, tests 23%, worker 9%)`
const jest = `Test Suites: 1 failed, 2 passed, 3 total
Tests:       2 failed, 1 skipped, 7 passed, 10 total
Snapshots:   0 total`
const nodeTest = `ℹ tests 3
ℹ suites 0
ℹ pass 1
ℹ fail 1
ℹ cancelled 0
ℹ skipped 1
ℹ todo 0
ℹ duration_ms 400.582286`

describe('what the output of a check says', () => {
  it.each([
    ['tsc', tsc, { tool: 'tsc', errors: 2 }],
    ['tsc that is pretty', tscPretty, { tool: 'tsc', errors: 1 }],
    ['eslint', eslint, { tool: 'eslint', errors: 3, warnings: 9 }],
    ['biome', biome, { tool: 'biome', errors: 2, warnings: 1 }],
    ['biome that found nothing', 'Checked 1221 files in 3s. No fixes applied.', { tool: 'biome', errors: 0, warnings: 0 }],
    ['vitest', vitest, { tool: 'vitest', testsPassed: 12, testsFailed: 1, testsSkipped: 2 }],
    ['jest', jest, { tool: 'jest', testsPassed: 7, testsFailed: 2, testsSkipped: 1 }],
    ['node:test', nodeTest, { tool: 'node:test', testsPassed: 1, testsFailed: 1, testsSkipped: 1 }],
    ['node:test as tap', '# Subtest: x\n# tests 3\n# pass 3\n# fail 0\n# skipped 0', { tool: 'node:test', testsPassed: 3, testsFailed: 0 }],
    ['two tools, one after the other', `${tsc}\n${eslint}`, { tool: 'eslint', errors: 5, warnings: 9 }],
  ])('is counted for %s', (_, text, wanted) => {
    expect(counted(text)).toMatchObject(wanted)
  })

  it('is nothing where no tool says a number', () => {
    expect(counted('> build\n> vite build\n\n✓ built in 5.11s\nFound errors here\nTests are fine\nerror: it broke')).toEqual(none)
    expect(counted('')).toEqual(none)
  })

  it('takes no long line apart', () => {
    const started = performance.now()
    expect(counted(`${'a('.repeat(200_000)}: error TS1: x`)).toEqual(none)
    expect(counted(Array.from({ length: 2_000 }, () => '9'.repeat(1_900)).join('\n'))).toEqual(none)
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})
