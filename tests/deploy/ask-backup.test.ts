import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { until } from '@console/testkit/daemon-harness'
import { enrol, postOf } from '@console/testkit/second-factor'
import { freePorts } from '@console/testkit/start-console'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Devops, type Person, rowsOf, startDevops } from '../../apps/devops-backend/src/devops.fake.ts'
import { root } from '../source-files.ts'

let devops: Devops
let admin: Person
let platformPort: number
beforeAll(async () => {
  ;[platformPort = 0] = await freePorts(1)
  devops = await startDevops({ parts: ['platform-service'], platformPort })
  admin = await devops.setUp()
  // A token is good for as long as its admin has a second factor.
  await enrol(postOf(admin.platform))
}, 60_000)
afterAll(() => devops?.close())

/** What the timer of the host runs in the container of a service. */
async function ask(port: number, path: string, token: string): Promise<{ status: number; said: string }> {
  const asking = spawn('bash', ['deploy/image/ask-backup.sh', String(port), path], { cwd: root })
  asking.stdin.end(token)
  const [said, status] = await Promise.all([
    text(asking.stderr),
    new Promise<number>((resolve) => asking.once('close', (code) => resolve(code ?? -1))),
  ])
  return { status, said }
}
async function tokenFor(productId: string, action: string): Promise<string> {
  const made = await admin.platform.post('/auth/api-tokens', { name: 'timer of the host', productId, actions: [action], expiresInDays: 30 })
  expect(made.status, made.text).toBe(201)
  return String(made.body.secret)
}

it('begins a backup of either service by a token that may do nothing else, which the list names', async () => {
  const tokens = [
    await tokenFor('bytelyst-devops', 'backups.file.make'),
    await tokenFor('bytelyst-platform', 'platformBackups.file.make'),
  ] as const
  const own = [
    [devops.port, '/api/devops/backups', tokens[0], admin.devops],
    [platformPort, '/platform/api/backups', tokens[1], admin.platform],
  ] as const
  for (const [port, path, token, api] of own) {
    expect(await ask(port, path, `${token}\n`)).toEqual({ status: 0, said: '' })
    await until('it is made', async () => (await api.get('/backups')).body.work === null, 30_000)
    expect((await api.get('/backups')).body.items).toMatchObject([
      { state: 'made', why: 'nightly, by the timer of the host', by: { kind: 'token', name: 'First Admin, token timer of the host' } },
    ])
  }
  expect(rowsOf(devops).at(-1)).toMatchObject({ action: 'backups.work.end', outcome: 'done' })
})

it('says what stood in the way: no token, one that is not known, one of the other service', async () => {
  const foreign = await tokenFor('bytelyst-platform', 'platformBackups.file.make')
  const at = (token: string) => ask(devops.port, '/api/devops/backups', token)
  expect(await at('')).toEqual({ status: 1, said: expect.stringContaining('no API token was given') })
  expect(await at('blt_x\r\nX-Other: y')).toEqual({ status: 1, said: expect.stringContaining('no API token was given') })
  expect(await at(`blt_${'A'.repeat(43)}`)).toEqual({
    status: 1,
    said: expect.stringMatching(/^the service answered 401: \{.*AUTH_REQUIRED/),
  })
  expect((await at(foreign)).status).toBe(1)
  expect(await ask(1, '/api/devops/backups', foreign)).toMatchObject({ status: 1 })
})
