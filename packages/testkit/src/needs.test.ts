import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { needs, parts, whyMissing } from './needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'needs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Imports needs.ts in a process of its own, where `vitest` is not at hand and stands as an empty `describe`. */
async function importWith(env: Record<string, string>): Promise<{ passed: boolean; stderr: string }> {
  const script = `import { registerHooks } from 'node:module'
    registerHooks({ resolve: (name, context, next) => (name === 'vitest' ? { url: 'data:text/javascript,export const describe = {}', shortCircuit: true } : next(name, context)) })
    await import(${JSON.stringify(new URL('./needs.ts', import.meta.url).href)})`
  return new Promise((done) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { env: { PATH: process.env.PATH, ...env } }, (error, _, stderr) =>
      done({ passed: error === null, stderr }),
    )
  })
}

describe('what the machine lacks', () => {
  test('every part is either there or has a reason', () => {
    expect(parts.length).toBeGreaterThan(5)
    for (const part of parts) expect(whyMissing(part) === undefined).toBe(needs[part])
  })

  test('a demanded part that is missing fails the import and names it', async () => {
    const told = await importWith({ REQUIRE_DOCKER: '1', DOCKER_SOCKET: join(folder, 'none.sock') })
    expect(told.passed).toBe(false)
    expect(told.stderr).toContain('REQUIRE_DOCKER=1, but docker is missing: no socket at')
  })

  test('browser tests can be left out by a word, and not both left out and demanded', async () => {
    const { stderr } = await importWith({ REQUIRE_CHROMIUM: '1', E2E: '0', CHROMIUM_PATH: process.execPath })
    expect(stderr).toContain('REQUIRE_CHROMIUM=1, but chromium is missing: E2E=0 leaves the browser tests out')
    expect((await importWith({ REQUIRE_CHROMIUM: '1', E2E: '1', CHROMIUM_PATH: process.execPath })).passed).toBe(true)
  })

  test('a missing part that nobody demands lets the import pass', async () => {
    expect((await importWith({ DOCKER_SOCKET: join(folder, 'none.sock') })).passed).toBe(true)
  })

  test('a socket that does not answer as an engine is not an engine', async () => {
    const server = createServer((_, answer) => answer.writeHead(500).end())
    const socketPath = join(folder, 'wrong.sock')
    await new Promise<void>((done) => server.listen(socketPath, done))
    const told = await importWith({ REQUIRE_DOCKER: '1', DOCKER_SOCKET: socketPath })
    server.close()
    expect(told.passed).toBe(false)
    expect(told.stderr).toContain('did not answer a ping: status 500')
  })
})
