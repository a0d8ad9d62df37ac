import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAuditLog } from '@console/audit-chain/log'
import { startProgram } from '@console/testkit/program'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { goodPassword, send } from './platform.fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'platform-main-'))
const entry = 'apps/platform-service/src/main.ts'
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the program', () => {
  it('prints a setup token for the person at the terminal alone, says ready, and ends within five seconds', async () => {
    const port = await freePort()
    const program = start({ PORT: String(port) })
    await program.until(() => program.out.includes('"msg":"ready"'))
    expect(program.err).toMatch(/^setup token: bls_[A-Za-z0-9_-]{43}$/m)
    expect(program.out).not.toContain('bls_')
    expect((await send(port, 'GET', '/health')).body).toEqual({ status: 'ok', problems: [] })
    const before = performance.now()
    program.child.kill('SIGTERM')
    expect(await program.ended).toBe(0)
    expect(performance.now() - before).toBeLessThan(5_000)
  })

  it('does not start without its secrets in production, and names each', async () => {
    const program = start({ NODE_ENV: 'production', ALLOWED_ORIGINS: 'https://evil.test' })
    expect(await program.ended).toBe(1)
    expect(program.out).toContain('JWT_SECRET is missing')
    expect(program.out).toContain('https://evil.test is not same-site')
  })

  it('does not start on a folder that another one has, and says so', async () => {
    const first = await startProgram(entry, { DATA_DIR: folder, PORT: String(await freePort()) })
    started.push(first.child)
    const second = start({ PORT: String(await freePort()) })
    expect(await second.ended).toBe(1)
    expect(second.out).toContain('is open in another process')
    await first.stop()
  })

  it('loses nothing that it acknowledged when it is killed, at whatever moment', async () => {
    const port = await freePort()
    const env = { DATA_DIR: folder, PORT: String(port), SETUP_TOKEN: 'only-for-this-test-0123' }
    const call = (path: string, body: object) => send(port, 'POST', path, { body, headers: { origin: 'http://localhost:3001' } })
    const email = 'ada@example.com'
    let program = await startProgram(entry, env)
    expect((await call('/setup', { token: env.SETUP_TOKEN, email, password: goodPassword, name: 'Ada' })).status).toBe(201)
    for (let round = 0; round < 4; round += 1) {
      // The answer that does not come back was never acknowledged.
      const asked = Array.from({ length: 6 }, () => call('/auth/login', { email, password: goodPassword }).catch(() => null))
      await Promise.race(asked)
      await program.kill()
      const acknowledged = (await Promise.all(asked)).flatMap((answer) => (answer?.status === 200 ? [cookiesOf(answer.setCookies)] : []))
      program = await startProgram(entry, env)
      for (const cookie of acknowledged) expect((await send(port, 'GET', '/auth/session', { headers: { cookie } })).status).toBe(200)
      expect((await send(port, 'GET', '/health')).body).toEqual({ status: 'ok', problems: [] })
    }
    await program.stop()
    const { privateKey } = loadOrCreateServiceKey({
      dir: join(folder, 'platform'),
      keysDir: join(folder, 'keys'),
      name: 'platform-service',
    })
    const log = await openAuditLog({ dir: join(folder, 'platform/audit'), name: 'platform-service', key: privateKey, reserveBytes: 0 })
    expect(await log.verify()).toMatchObject({ ok: true, problems: [] })
    expect(log.pendingIntents()).toEqual([])
    await log.close()
  }, 60_000)
})

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--disable-warning=FSTDEP023', join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env.PATH, DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  const waiting: (() => void)[] = []
  const program = {
    child,
    out: '',
    err: '',
    ended: new Promise<number | null>((resolve) => child.once('close', (status) => resolve(status))),
    until: async (holds: () => boolean): Promise<void> => {
      const deadline = performance.now() + 15_000
      while (!holds()) {
        if (performance.now() > deadline || child.exitCode !== null) throw new Error(`not reached: ${program.out}${program.err}`)
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
  const wake = () => {
    for (const resume of waiting.splice(0)) resume()
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    program.out += chunk.toString()
    wake()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    program.err += chunk.toString()
    wake()
  })
  child.once('close', wake)
  return program
}

/** Session and tie, as a browser sends them back. */
function cookiesOf(setCookies: readonly string[]): string {
  return setCookies
    .map((cookie) => cookie.slice(0, cookie.indexOf(';')))
    .filter((pair) => !pair.includes('bl_ref'))
    .join('; ')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
