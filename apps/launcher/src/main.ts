/** `pnpm start`: everything on this machine, on an embedded store. Ctrl-C ends all of it. */
import { mkdirSync, realpathSync, watch } from 'node:fs'
import { join } from 'node:path'
import { buildDashboards } from './build-dashboards.ts'
import { type LaunchConfig, readConfig } from './config.ts'
import { endLeftParts } from './left-parts.ts'
import { takeLock } from './lock.ts'
import { type Part, partsOf } from './parts.ts'
import { holderOf, isTaken } from './port-holder.ts'
import { type RunningPart, runPart } from './run-part.ts'

const started = performance.now()
const root = join(import.meta.dirname, '../../..')
const say = (line: string): void => console.log(line)
// A terminal that is gone takes no more lines; the parts are to be ended all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
say('starting the console')
await launch().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})

async function launch(): Promise<void> {
  const config = readConfig(process.env, process.argv.slice(2), root)
  const lock = await takeLock(config.dataDir, `http://localhost:${config.ports.devopsWeb}`)
  process.once('exit', lock.release)
  const dataDir = realpathSync(config.dataDir)
  await endLeftParts(dataDir, say)
  const parts = partsOf(config)
  await assertPortsFree(parts)
  mkdirSync(config.socketDir, { recursive: true, mode: 0o750 })
  mkdirSync(config.keysDir, { recursive: true, mode: 0o755 })
  await buildDashboards({ root, say })

  const running = parts.map((part) => runPart({ part, dataDir, env: config.env, say }))
  const stop = stopOnce(running)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0))
  const failed = await waitUntilReady(running)
  if (failed.some(({ part }) => part.needed)) {
    say(`The console cannot run. The lines above say why; the whole logs are in ${join(config.dataDir, 'logs')}`)
    return stop(1)
  }
  printAddresses(config)
  if (config.reload) reloadOnChange(running)
}

async function assertPortsFree(parts: readonly Part[]): Promise<void> {
  const taken = await Promise.all(
    parts.filter(({ port }) => port !== null).map(async (part) => ({ part, taken: await isTaken(part.port ?? 0) })),
  )
  const lines = taken
    .filter((entry) => entry.taken)
    .map(
      ({ part }) =>
        `Port ${part.port} (${part.name}) is taken by ${holderOf(part.port ?? 0) ?? 'a program of another account'}. End it, or choose another port.`,
    )
  if (lines.length > 0) throw new Error(lines.join('\n'))
}

/** Waits for all; says at once what does not come up, and goes on without it. */
async function waitUntilReady(running: readonly RunningPart[]): Promise<RunningPart[]> {
  const failed: RunningPart[] = []
  await Promise.all(
    running.map((one) =>
      one.ready.catch((error: Error) => {
        failed.push(one)
        say(error.message)
      }),
    ),
  )
  return failed
}

function printAddresses({ ports }: LaunchConfig): void {
  say('')
  say(`  DevOps Dashboard   http://localhost:${ports.devopsWeb}`)
  say(`  Platform Admin     http://localhost:${ports.adminWeb}`)
  say(`  DevOps API         http://localhost:${ports.backend}/api/devops/docs`)
  say(`  Platform API       http://localhost:${ports.platform}/platform/api/docs`)
  say('')
  say(`ready after ${((performance.now() - started) / 1_000).toFixed(1)} s; Ctrl-C ends everything`)
}

/** Ends the parts in order; asked again, at once. */
function stopOnce(running: readonly RunningPart[]): (code: number) => Promise<void> {
  let stopping = false
  return async (code) => {
    if (stopping) {
      for (const one of running) one.kill()
      return
    }
    stopping = true
    await Promise.all(running.map((one) => one.stop()))
    process.exit(code)
  }
}

/** A change below a part's sources starts that part again, at most once in 300 ms. */
function reloadOnChange(running: readonly RunningPart[]): void {
  for (const one of running) {
    let timer: NodeJS.Timeout | undefined
    for (const folder of one.part.watch)
      watch(folder, { recursive: true }, (_event, file) => {
        if (!file?.endsWith('.ts') || file.endsWith('.test.ts')) return
        clearTimeout(timer)
        timer = setTimeout(() => {
          say(`${one.part.name}: ${file} changed, starting again`)
          one.restart()
        }, 300)
      })
  }
}
