/**
 * How many lines of what must never fail quietly are run by the tests beside them, and by those of what stands on them: `coverage` fails where one of these folders has less than
 * 95 of 100. It is no part of `test`, because measuring costs more than it tells on each change. What a daemon does in a process of its own,
 * started by a test, is not seen here, nor are the guards of the services, which their own tests run: those are held by the attack cases and the
 * planted faults of `test:mutants`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { runVitest } from './run-vitest.ts'

const least = 95
/** Each folder with all below it, and why it is held. */
const gated: Readonly<Record<string, string>> = {
  'packages/tokens/src': 'who asks, and what a confirmation is good for',
  'packages/audit-chain/src': 'what was done, and whether it was changed later',
  'packages/store/src': 'what is kept',
  'packages/verbs/src': 'what a daemon can be asked, and with what',
  'packages/verb-kit/src': 'the guards of both daemons',
  'apps/docker-proxy/src/cleanup': 'what destroys',
  'apps/host-agent/src/vm/cleanup': 'what destroys',
  'apps/host-agent/src/programs': 'what starts programs',
}
/** Rooms whose tests run the lines of the folders above, too. */
const users = ['apps/docker-proxy', 'apps/host-agent', 'packages/backups', 'packages/testkit']
type Lines = { readonly total: number; readonly covered: number }

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'console-coverage-'))
try {
  const rooms = Object.keys(gated)
  const include = rooms.flatMap((room) => [`--coverage.include=${room}/**/*.ts`])
  const options = [
    'provider=v8',
    'reporter=json-summary',
    `reportsDirectory=${folder}`,
    'exclude=**/*.{test,fake,conformance}.ts',
    'exclude=**/main.ts',
  ]
  const { failed, passed } = await runVitest([
    '--coverage.enabled',
    ...options.map((one) => `--coverage.${one}`),
    ...include,
    ...[...rooms, ...users].map((room) => `${room}/`),
  ])
  const summary = JSON.parse(readFileSync(join(folder, 'coverage-summary.json'), 'utf8')) as Record<string, { readonly lines: Lines }>
  const rows = rooms.map((room) => ({
    room,
    ...sum(Object.entries(summary).flatMap(([file, { lines }]) => (isBelow(file, room) ? [lines] : []))),
  }))
  for (const { room, covered, total } of rows)
    console.log(`${share(covered, total).padStart(6)} %  ${String(total).padStart(5)} lines  ${room}: ${gated[room]}`)
  // A folder without a line was renamed, and nobody would notice.
  const low = rows.filter(({ covered, total }) => total === 0 || (covered / total) * 100 < least)
  for (const { room, total } of low) console.log(total === 0 ? `${room} holds nothing that was measured` : `${room} is below ${least} %`)
  process.exitCode = low.length > 0 || failed > 0 || passed === 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function isBelow(file: string, room: string): boolean {
  return `${dirname(relative(root, file))}/`.startsWith(`${room}/`)
}

function sum(all: readonly Lines[]): Lines {
  return { total: all.reduce((n, { total }) => n + total, 0), covered: all.reduce((n, { covered }) => n + covered, 0) }
}

function share(covered: number, total: number): string {
  return total === 0 ? '–' : ((covered / total) * 100).toFixed(1)
}
