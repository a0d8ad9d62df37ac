import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeep, reportFigure } from '@console/testkit/deep'
import { describeNeeding, schemathesisPath } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Devops, type Person, startDevops } from '../apps/devops-backend/src/devops.fake.ts'

/** What would end the very session that asks, or wait for ever. */
const leftOut = [
  'devops: events.change.stream',
  'platform: auth.session.end',
  'platform: auth.ownSession.end',
  'platform: users.session.endAll',
  'platform: users.user.disable',
  'platform: memberships.membership.set',
  'platform: memberships.membership.remove',
]

describeNeeding('schemathesis', 'the documents of both APIs against what the APIs do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'contracts-'))
  let devops: Devops
  let admin: Person

  beforeAll(async () => {
    devops = await startDevops({ parts: ['platform-service', 'docker-proxy', 'host-agent'] })
    admin = await devops.setUp()
  }, 60_000)
  afterAll(async () => {
    await devops?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('finds no fault in the DevOps API', () => check('devops', devops.port, admin.devops), isDeep ? 3_600_000 : 240_000)
  it('finds no fault in the Platform API', () => check('platform', platformPort(), admin.platform), isDeep ? 3_600_000 : 240_000)

  const platformPort = (): number => Number(new URL(devops.config.platformUrl).port)

  async function check(name: 'devops' | 'platform', port: number, browser: Person['devops']): Promise<void> {
    const prefix = name === 'devops' ? '/api/devops' : '/platform/api'
    const { text } = await browser.get('/docs/json')
    const schema = join(folder, `${name}.json`)
    writeFileSync(schema, text)
    const { status, output } = await run(schemathesisPath ?? '', [
      ...['run', schema, '--url', `http://localhost:${port}${text.includes(`"${prefix}/`) ? '' : prefix}`],
      ...[
        '--header',
        `cookie: ${browser.cookiesFor(prefix)}`,
        '--header',
        `x-csrf-token: ${browser.csrf}`,
        '--header',
        'origin: http://localhost:3000',
      ],
      ...['--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance'],
      ...['--max-examples', isDeep ? '200' : '5', '--seed', '1', '--request-timeout', '20', '--continue-on-failure'],
      ...leftOut.flatMap((one) => (one.startsWith(`${name}: `) ? ['--exclude-operation-id', one.split(': ')[1] ?? ''] : [])),
    ])
    reportFigure(`${name}: requests`, Number(/(\d+) generated/.exec(output)?.[1] ?? 0))
    const logged = devops.lines.filter((line) => line.includes('"level":"error"')).join('')
    expect(status, `${output.slice(-12_000)}\n${logged.slice(0, 4_000)}`).toBe(0)
  }
})

function run(program: string, args: readonly string[]): Promise<{ status: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const pipe of [child.stdout, child.stderr])
      pipe.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    child.once('close', (status) => resolve({ status: status ?? 1, output }))
  })
}
