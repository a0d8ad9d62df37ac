import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { send } from './platform.fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'platform-main-'))
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
    const first = start({ PORT: String(await freePort()) })
    await first.until(() => first.out.includes('"msg":"ready"'))
    const second = start({ PORT: String(await freePort()) })
    expect(await second.ended).toBe(1)
    expect(second.out).toContain('is open in another process')
  })
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

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
