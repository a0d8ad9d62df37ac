import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { root } from '../source-files.ts'

let folder = ''
const server = createServer((request, answer) => {
  if (request.url !== '/hangs') answer.writeHead(request.url === '/health' ? 200 : 503).end()
})
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'healthy-'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const marked = (): boolean => existsSync(join(folder, 'well'))

/** What the engine runs in a container, against a part of this test. */
function ask(path: string, port = (server.address() as AddressInfo).port): Promise<{ status: number | null; ms: number }> {
  const began = performance.now()
  const env = { ...process.env, WELL_MARK: join(folder, 'well'), WELL_EVERY_SEC: '2' }
  const asking = spawn('bash', ['deploy/image/healthy.sh', String(port), path], { cwd: root, env, stdio: 'ignore' })
  return new Promise((resolve) => asking.once('exit', (status) => resolve({ status, ms: performance.now() - began })))
}

it('tells at once that a new part is well, and asks one that was well no more often than is said', async () => {
  const [first, second] = [await ask('/health'), await ask('/health')]
  expect([first.status, marked(), first.ms < 1_900]).toEqual([0, true, true])
  expect([second.status, second.ms >= 2_000]).toEqual([0, true])
})

it('tells of a part that answers otherwise, not at all, or is away', async () => {
  const answers = await Promise.all([ask('/other'), ask('/hangs'), ask('/health', 1)])
  expect(answers.map(({ status }) => status)).toEqual([1, 1, 1])
  expect([marked(), Math.max(...answers.map(({ ms }) => ms)) < 5_000]).toEqual([false, true])
})
