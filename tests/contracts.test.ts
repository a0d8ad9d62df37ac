import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from '@console/testkit/browser'
import { isDeep, reportFigure } from '@console/testkit/deep'
import { idOf } from '@console/testkit/fake-container'
import { describeNeeding, schemathesisPath } from '@console/testkit/needs'
import { approve, aService, good } from '@console/testkit/people'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Devops, startDevops } from '../apps/devops-backend/src/devops.fake.ts'
import { type Platform, setUp, startPlatform } from '../apps/platform-service/src/platform.fake.ts'

/** What would end the very session that asks. */
const leftOut = [
  'platform: auth.session.end',
  'platform: auth.ownSession.end',
  'platform: users.session.endAll',
  'platform: users.user.disable',
  'platform: memberships.membership.set',
  'platform: memberships.membership.remove',
]

type Examined = {
  readonly name: 'devops' | 'platform'
  readonly prefix: string
  readonly origin: string
  readonly port: number
  readonly browser: Browser
  readonly lines: readonly string[]
}
type Document = { readonly components: Record<string, unknown>; readonly paths: Record<string, Record<string, Record<string, unknown>>> }
/** Streams end by themselves after this: who reads one to its end must not wait half an hour for it. */
const streamMinutes = 1 / 300

describeNeeding('schemathesis', 'the documents of both APIs against what the APIs do', () => {
  const folder = mkdtempSync(join(homedir(), '.console-contracts-'))
  let engine: RecordingEngine
  let devops: Devops
  let platform: Platform

  beforeAll(async () => {
    // What is asked at random must reach no engine that holds anything.
    engine = await startRecordingEngine({ socketPath: join(folder, 'engine.sock') })
    engine.add({ id: idOf('a1'), name: 'alpha', log: ['one line\n'] })
    engine.add({ id: idOf('b2'), name: 'beta', state: 'exited' })
    const env = { DOCKER_SOCKET: engine.socketPath, SCRIPT_ROOTS: folder }
    devops = await startDevops({ parts: ['platform-service', 'docker-proxy', 'host-agent'], limits: { streamMinutes }, env })
    platform = await startPlatform()
  }, 60_000)
  afterAll(async () => {
    await devops?.close()
    await platform?.close()
    await engine?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The first admin, and one of each thing, so that what is asked about is there now and then. */
  async function seeded(): Promise<Browser> {
    writeFileSync(join(folder, 'deploy.sh'), '#!/usr/bin/env bash\necho deployed\n', { mode: 0o755 })
    const admin = await devops.setUp()
    await approve(admin, 'deploy')
    good(await admin.devops.post('/services', aService('web', 'deploy')), 201)
    good(await admin.devops.post('/deployments/trigger/web', { reason: 'to have one' }), 202)
    return admin.devops
  }

  it(
    'finds no fault in the DevOps API',
    async () =>
      check({
        name: 'devops',
        prefix: '/api/devops',
        origin: 'http://localhost:3000',
        port: devops.port,
        browser: await seeded(),
        lines: devops.lines,
      }),
    isDeep ? 3_600_000 : 600_000,
  )
  it(
    'finds no fault in the Platform API',
    async () =>
      check({
        name: 'platform',
        prefix: '/platform/api',
        origin: 'http://localhost:3001',
        port: platform.port,
        browser: await setUp(platform),
        lines: platform.lines,
      }),
    isDeep ? 3_600_000 : 600_000,
  )

  async function check({ name, prefix, port, browser, origin, lines }: Examined): Promise<void> {
    const { text } = await browser.get('/docs/json')
    const schema = join(folder, `${name}.json`)
    writeFileSync(schema, JSON.stringify(withoutCredentials(JSON.parse(text))))
    const headers = [`cookie: ${browser.cookiesFor(prefix)}`, `x-csrf-token: ${browser.csrf}`, `origin: ${origin}`]
    const { status, output } = await run(
      schemathesisPath,
      [
        ...['run', schema, '--url', `http://localhost:${port}${text.includes(`"${prefix}/`) ? '' : prefix}`],
        ...headers.flatMap((header) => ['--header', header]),
        ...['--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance'],
        ...['--max-examples', isDeep ? '200' : '5', '--seed', '1', '--request-timeout', '20', '--continue-on-failure'],
        ...leftOut.flatMap((one) => (one.startsWith(`${name}: `) ? ['--exclude-operation-id', one.split(': ')[1] ?? ''] : [])),
      ],
      folder,
    )
    reportFigure(`${name}: requests`, Number(/(\d+) generated/.exec(output)?.[1] ?? 0))
    const logged = lines.filter((line) => line.includes('"level":"error"')).join('')
    expect(status, `${output.slice(-12_000)}\n${logged.slice(0, 4_000)}`).toBe(0)
  }
})

/** The document without how one signs in: with it, most of what is asked would carry made-up credentials, and be refused for these alone. */
function withoutCredentials(document: Document): Document {
  const { securitySchemes: _, ...components } = document.components
  const operationsOf = (path: object) => Object.entries(path).map(([method, { security: __, ...operation }]) => [method, operation])
  const paths = Object.entries(document.paths).map(([path, operations]) => [path, Object.fromEntries(operationsOf(operations))])
  return { ...document, components, paths: Object.fromEntries(paths) }
}

function run(program: string, args: readonly string[], cwd: string): Promise<{ status: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const pipe of [child.stdout, child.stderr])
      pipe.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    child.once('close', (status) => resolve({ status: status ?? 1, output }))
  })
}
