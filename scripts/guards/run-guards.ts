/**
 * Takes listed guards away one by one and expects their tests to turn red. `pnpm test:guards` tries every one; `--some N [--seed S]` tries
 * N by chance and tells the seed; a word tries those whose file has it. Works on a copy, so an interruption leaves nothing changed.
 */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copySources } from '../copy-sources.ts'
import type { Guard } from './guard.ts'
import { guards } from './listed.ts'

const root = join(import.meta.dirname, '../..')
const { some, seed, words } = asked(process.argv.slice(2))
const chosen = byChance(
  guards.filter(({ file }) => words.every((word) => file.includes(word))),
  some,
  seed,
)
if (chosen.length === 0) {
  console.log('No listed guard is meant.')
  process.exit(2)
}
const copy = mkdtempSync(join(tmpdir(), 'guards-'))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.once('exit', () => rmSync(copy, { recursive: true, force: true }))
copySources(root, copy)
writeFileSync(join(copy, 'vitest.guards.config.ts'), 'export default { test: { testTimeout: 60_000, hookTimeout: 60_000 } }\n')
// A test that is red with all guards in place would make each of them look guarded.
const tests = [...new Set(chosen.flatMap((guard) => guard.tests))]
if (!areGreen(tests)) {
  console.log('The tests are red before anything is taken away.')
  process.exit(1)
}
const unnoticed = chosen.filter((guard) => !isNoticed(guard))
console.log(`guards: ${chosen.length - unnoticed.length} of ${chosen.length} noticed${some === undefined ? '' : `; seed ${seed}`}`)
process.exit(unnoticed.length === 0 ? 0 : 1)

function isNoticed({ file, was, becomes, tests }: Guard): boolean {
  const path = join(copy, file)
  const whole = readFileSync(path, 'utf8')
  if (whole.split(was).length !== 2) {
    console.log(`not there exactly once  ${file}  ${was}`)
    return false
  }
  writeFileSync(
    path,
    whole.replace(was, () => becomes),
  )
  const noticed = !areGreen(tests)
  writeFileSync(path, whole)
  console.log(`${noticed ? 'red  ' : 'GREEN'}  ${file}  ${was.replace(/\s+/g, ' ')}`)
  return noticed
}

function areGreen(tests: readonly string[]): boolean {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--bail=1', '--config', 'vitest.guards.config.ts', ...tests]
  return spawnSync(process.execPath, args, { cwd: copy, stdio: 'ignore' }).status === 0
}

function asked(given: readonly string[]): { some: number | undefined; seed: number; words: string[] } {
  const numberOf = (name: string): number | undefined => (given.includes(name) ? Number(given[given.indexOf(name) + 1]) : undefined)
  const words = given.filter((word, at) => !word.startsWith('--') && !given[at - 1]?.startsWith('--'))
  return { some: numberOf('--some'), seed: numberOf('--seed') ?? randomInt(2 ** 31), words }
}

/** The same seed chooses the same guards. */
function byChance(all: readonly Guard[], most: number | undefined, from: number): readonly Guard[] {
  if (most === undefined) return all
  let state = from
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % below
  }
  const left = [...all]
  return Array.from({ length: Math.min(most, all.length) }, () => left.splice(next(left.length), 1)).flat()
}
