import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { auditRowsOf, verifyConsoleAudit } from '@console/testkit/console-audit'
import { until } from '@console/testkit/daemon-harness'
import { approve, aService, good, type Person } from '@console/testkit/people'
import { partPids, type RunningConsole, startConsole } from '@console/testkit/start-console'
import { afterEach, beforeEach, expect, test } from 'vitest'

const patienceMs = 45_000
type Run = { id: string; state: string; outcome: string; exitCode: number | null }
type Line = { seq: number; stream: string; text: string }

let roots: string
let console_: RunningConsole
let admin: Person
beforeEach(async () => {
  roots = mkdtempSync(join(homedir(), '.console-restart-'))
  script('talks', `n=0; while [ ! -e ${roots}/go ]; do n=$((n+1)); echo "line $n"; sleep 0.1; done; echo "saw it"`)
  script('ends', `echo begun; while [ ! -e ${roots}/down ]; do sleep 0.1; done; echo "error: while nobody looked" >&2; exit 3`)
  script('dies', 'echo begun; sleep 300')
  console_ = await startConsole({ SCRIPT_ROOTS: roots })
  admin = await console_.people.setUp(console_.setupToken)
}, 120_000)
afterEach(async () => {
  writeFileSync(join(roots, 'go'), '')
  writeFileSync(join(roots, 'down'), '')
  await console_?.stop()
  rmSync(roots, { recursive: true, force: true })
}, 60_000)

function script(name: string, text: string): void {
  writeFileSync(join(roots, `${name}.sh`), `#!/usr/bin/env bash\n${text}\n`, { mode: 0o755 })
}
const runOf = async (id: string) => good(await admin.devops.get(`/deployments/${id}`), 200).body as unknown as Run
const linesOf = async (id: string, after = 0) =>
  (good(await admin.devops.get(`/deployments/${id}/logs?after=${after}&limit=5000`), 200).body as unknown as { items: Line[] }).items
const becomes = (id: string, state: string) => until(`${id} is ${state}`, async () => (await runOf(id)).state === state, patienceMs)
const fileOf = (id: string, name: string) => join(console_.dataDir, 'host-agent/runs', id, name)
const outputLength = (id: string) => readFileSync(fileOf(id, 'output.ndjson'), 'utf8').split('\n').length

async function deploy(name: string): Promise<string> {
  await approve(admin, name)
  good(await admin.devops.post('/services', aService(name, name)), 201)
  const { id } = good(await admin.devops.post(`/deployments/trigger/${name}`, { reason: 'to outlive the console' }), 202).body
  await until(`${name} talks`, async () => (await linesOf(String(id))).length > 0, patienceMs)
  return String(id)
}

test('a script goes on without the console, and the console tells the truth about each when it is back', async () => {
  const [talks, ends, dies] = [await deploy('talks'), await deploy('ends'), await deploy('dies')]
  await console_.end()
  expect([...partPids(console_.dataDir).keys()]).toEqual([])

  const before = outputLength(talks)
  await until('the script writes on', () => outputLength(talks) > before + 3, patienceMs)
  writeFileSync(join(roots, 'down'), '')
  await until('its end is on disk', () => existsSync(fileOf(ends, 'exit.json')), patienceMs)
  const alive = JSON.parse(readFileSync(fileOf(dies, 'alive.json'), 'utf8')) as { wrapper: { pid: number }; child: { pid: number } }
  // The wrapper first: it must not live to write down how the script ended. The script leads a group of its own.
  for (const pid of [alive.wrapper.pid, -alive.child.pid]) process.kill(pid, 'SIGKILL')

  console_ = await console_.again()
  admin = await console_.people.again(admin)
  await becomes(ends, 'failed')
  expect(await runOf(ends)).toMatchObject({ exitCode: 3, outcome: 'The script ended with exit 3.' })
  expect((await linesOf(ends)).map(({ stream, text }) => `${stream} ${text}`)).toEqual(['out begun', 'err error: while nobody looked'])
  await becomes(dies, 'interrupted')
  expect((await runOf(dies)).outcome).toContain('ended while nobody could record how')

  expect((await runOf(talks)).state).toBe('running')
  const seen = (await linesOf(talks)).at(-1)?.seq ?? 0
  await until('its output goes on', async () => (await linesOf(talks, seen)).length > 3, patienceMs)
  writeFileSync(join(roots, 'go'), '')
  await becomes(talks, 'succeeded')
  const lines = await linesOf(talks)
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1))
  expect(lines.map(({ text }) => text)).toEqual([...lines.slice(1).map((_, index) => `line ${index + 1}`), 'saw it'])

  await until('each end is on record', () => {
    const rows = auditRowsOf(console_.dataDir, 'devops-backend').filter(({ action }) => action === 'deployments.run.end')
    const told = new Map(rows.map(({ details, outcome, code }) => [details?.runId, `${outcome} ${code ?? ''}`.trim()]))
    return told.get(talks) === 'done' && told.get(ends) === 'failed failed' && told.get(dies) === 'failed interrupted'
  })
  await verifyConsoleAudit(console_.dataDir)
}, 180_000)
