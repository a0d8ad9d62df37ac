/**
 * Runs every test that this machine can run and ends with one line, `N passed, N failed, N skipped`.
 * Dashboards are built first, because the browser tests look at what is shipped.
 */
import { join } from 'node:path'
import { buildDashboards } from '../apps/launcher/src/build-dashboards.ts'
import { attackCoverage } from './attack-coverage.ts'
import { runVitest } from './run-vitest.ts'
import { makeTestFolder, removeTestFolder } from './test-folder.ts'

const root = join(import.meta.dirname, '..')
await buildDashboards({ root, say: (line) => console.log(line) })
const folder = makeTestFolder()
const env = { TMPDIR: folder, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile') }
process.once('exit', () => removeTestFolder(folder))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
const { passed, failed, skipped, status, leftOut, attacks } = await runVitest(process.argv.slice(2), env)
if (attacks.length > 0) for (const line of attackCoverage(attacks)) console.log(line)
for (const part of leftOut) console.log(`left out: ${part}`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(status !== 0 || passed === 0 ? 1 : 0)
