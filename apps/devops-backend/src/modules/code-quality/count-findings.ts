import type { CheckCounts } from '@console/contracts/code-quality/schemas'

/** Reads the output of one check, line by line, and tells what it says; a check may run several tools. */
export type Findings = { take(line: string): void; counts(): CheckCounts }
type Tally = { -readonly [K in keyof CheckCounts]: CheckCounts[K] }

// A colour or a cursor move is no part of what was said.
const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g')
const longest = 2_000

export function countFindings(): Findings {
  const tally: Tally = { tool: null, errors: null, warnings: null, testsPassed: null, testsFailed: null, testsSkipped: null }
  const add = (tool: string, found: Partial<Omit<CheckCounts, 'tool'>>): void => {
    tally.tool = tool
    for (const [name, count] of Object.entries(found) as [keyof Omit<CheckCounts, 'tool'>, number][])
      tally[name] = (tally[name] ?? 0) + count
  }
  return {
    take(raw) {
      if (raw.length > longest) return
      const line = raw.replace(escapes, '').trimEnd()
      for (const read of readers) if (read(line, add)) return
    },
    counts: () => ({ ...tally }),
  }
}

type Add = (tool: string, found: Partial<Omit<CheckCounts, 'tool'>>) => void
/** Answers whether the line was one of its tool's. */
type Reader = (line: string, add: Add) => boolean

/** Each diagnostic of tsc has a line of its own, with or without `--pretty`: `src/a.ts(3,5): error TS2322: …`, `src/a.ts:3:5 - error TS2322: …`. */
const readTsc: Reader = (line, add) => {
  const kind = /^(?:\S.*(?:\([0-9]+,[0-9]+\):|:[0-9]+:[0-9]+ -) )?(error|warning) TS[0-9]+: /.exec(line)?.[1]
  if (kind) add('tsc', kind === 'error' ? { errors: 1 } : { warnings: 1 })
  return kind !== undefined
}

/** `✖ 12 problems (3 errors, 9 warnings)`; without problems it says nothing. */
const readEslint: Reader = (line, add) => {
  const [, errors, warnings] = /^✖ [0-9]+ problems? \(([0-9]+) errors?, ([0-9]+) warnings?\)$/.exec(line) ?? []
  if (errors !== undefined) add('eslint', { errors: Number(errors), warnings: Number(warnings) })
  return errors !== undefined
}

/** `Checked 12 files in 5ms. No fixes applied.`, then `Found 2 errors.` and `Found 1 warning.`, each alone. */
const readBiome: Reader = (line, add) => {
  const [, count, kind] = /^Found ([0-9]+) (error|warning|info)s?\.$/.exec(line) ?? []
  if (kind === 'error') add('biome', { errors: Number(count) })
  else if (kind === 'warning') add('biome', { warnings: Number(count) })
  else if (/^Checked [0-9]+ files? in [0-9.]+ ?(µs|ms|s)\./.test(line)) add('biome', { errors: 0, warnings: 0 })
  else return kind !== undefined
  return true
}

/** `      Tests  1 failed | 12 passed | 2 skipped (15)`; files have a line of their own, which is not counted. */
const readVitest: Reader = (line, add) => {
  const told = /^\s*Tests {2,}(.*\([0-9]+\)|no tests)$/.exec(line)?.[1]
  if (told === undefined) return false
  const of = (word: string): number => Number(new RegExp(`([0-9]+) ${word}\\b`).exec(told)?.[1] ?? 0)
  add('vitest', { testsPassed: of('passed'), testsFailed: of('failed'), testsSkipped: of('skipped') + of('todo') })
  return true
}

/** `Tests:       1 failed, 2 skipped, 12 passed, 15 total` */
const readJest: Reader = (line, add) => {
  const told = /^Tests:\s+(.*[0-9]+ total)$/.exec(line)?.[1]
  if (told === undefined) return false
  const of = (word: string): number => Number(new RegExp(`([0-9]+) ${word}\\b`).exec(told)?.[1] ?? 0)
  add('jest', { testsPassed: of('passed'), testsFailed: of('failed'), testsSkipped: of('skipped') + of('todo') })
  return true
}

/** node:test, by its last lines: `ℹ pass 12` (spec) or `# pass 12` (tap). */
const readNodeTest: Reader = (line, add) => {
  const [, word, count] = /^[ℹ#] (pass|fail|skipped) ([0-9]+)$/.exec(line) ?? []
  if (word === undefined) return false
  const name = word === 'pass' ? 'testsPassed' : word === 'fail' ? 'testsFailed' : 'testsSkipped'
  add('node:test', { [name]: Number(count) })
  return true
}

const readers: readonly Reader[] = [readTsc, readEslint, readBiome, readVitest, readJest, readNodeTest]
