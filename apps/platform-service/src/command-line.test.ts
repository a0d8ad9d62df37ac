import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAuditLog } from '@console/audit-chain/log'
import { authenticatorCode } from '@console/testkit/authenticator'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountTrouble, readCommand } from './command-line.ts'
import { type Answer, type Browser, goodPassword, invited, type Platform, rowsOf, setUp, startPlatform } from './platform.fake.ts'

const patience = 120_000
const next = 'copper meadow lantern seven'
const email = 'ada@example.com'

/** The program itself, in a process of its own. */
function run(folder: string, ...words: string[]): Promise<{ status: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'platform-cli.ts'), ...words], {
    env: { PATH: process.env.PATH ?? '', DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (text: Buffer) => {
    said.out += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => {
    said.err += text.toString()
  })
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, ...said })))
}

describe('the command line for whoever is locked out', () => {
  let folder: string
  let platform: Platform
  let ada: Browser
  const code = (answer: Answer) => [answer.status, String(answer.body.code)]
  const again = async () => {
    platform = await startPlatform({}, {}, { folder, clock: platform.clock })
  }
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'platform-cli-'))
    platform = await startPlatform({}, {}, { folder, clock: { ms: Date.now() } })
    ada = await setUp(platform)
  }, patience)
  afterEach(async () => {
    await platform.app.close().catch(() => undefined)
    rmSync(folder, { recursive: true, force: true })
  }, patience)

  it(
    'makes a link for the admin, and its rows stand in the chain of the service',
    async () => {
      const adaId = String((await ada.get('/auth/session')).body.user?.id)
      await platform.app.close()
      const { status, out, err } = await run(folder, 'admin:reset-link', ' ADA@example.com')
      expect([status, err]).toEqual([0, ''])
      const token = /^http:\/\/localhost:3001\/reset#(blr_[A-Za-z0-9_-]{43})$/m.exec(out)?.[1] ?? ''
      expect(out).toContain('Signing in asks for the second factor as before.')
      const key = loadOrCreateServiceKey({ dir: join(folder, 'platform'), keysDir: join(folder, 'keys'), name: 'platform-service' })
      const log = await openAuditLog({
        dir: join(folder, 'platform/audit'),
        name: 'platform-service',
        key: key.privateKey,
        reserveBytes: 0,
      })
      expect(await log.verify()).toMatchObject({ ok: true })
      await log.close()
      const rows = rowsOf(platform)
      expect(rows.slice(-2).map(({ action, actor, target, outcome }) => [action, actor.kind, actor.id, target, outcome])).toEqual([
        ['users.resetLink.create', 'service', 'platform-cli', adaId, 'started'],
        ['users.resetLink.create', 'service', 'platform-cli', adaId, 'done'],
      ])
      expect(JSON.stringify(rows)).not.toContain(token)
      await again()
      expect((await platform.browser().post('/auth/password/reset', { token, password: next })).status).toBe(204)
      const sessions = await platform.collections.sessions.find('all', { limit: 50 })
      expect(sessions.items.map(({ doc }) => doc.endedWhy)).toEqual(['password reset'])
      expect((await platform.browser().signIn(email, next)).body.user?.id).toBe(adaId)
    },
    patience,
  )

  it(
    'takes lost factors away where it is told to',
    async () => {
      const seed = String((await ada.post('/auth/factors/totp')).body.secret)
      await ada.post('/auth/factors/totp/enable', { code: authenticatorCode(seed, platform.clock.ms) })
      await platform.app.close()
      const { status, out } = await run(folder, 'admin:reset-link', email, '--without-second-factor')
      expect([status, out.includes('were taken away')]).toEqual([0, true])
      expect(
        rowsOf(platform)
          .slice(-4)
          .map(({ action }) => action),
      ).toEqual(['users.factor.reset', 'users.factor.reset', 'users.resetLink.create', 'users.resetLink.create'])
      await again()
      const token = /#(\S+)/.exec(out)?.[1]
      expect((await platform.browser().post('/auth/password/reset', { token, password: next })).status).toBe(204)
      expect((await platform.browser().signIn(email, next)).body.user?.email).toBe(email)
    },
    patience,
  )

  it(
    'refuses while the service runs, and changes nothing',
    async () => {
      const before = rowsOf(platform).length
      for (const words of [['admin:list'], ['admin:reset-link', email]]) {
        const { status, out, err } = await run(folder, ...words)
        expect([status, out]).toEqual([1, ''])
        expect(err).toMatch(/^Nothing was done: platform-service is running, or another command\. Stop it first\./)
      }
      expect(rowsOf(platform)).toHaveLength(before)
      expect((await platform.browser().signIn(email, goodPassword)).status).toBe(200)
    },
    patience,
  )

  it(
    'lists the admins, and helps nobody else',
    async () => {
      await invited(platform, ada, 'bob@example.com', [
        { productId: 'bytelyst-devops', role: 'admin' },
        { productId: 'bytelyst-platform', role: 'viewer' },
      ])
      const eve = await invited(platform, ada, 'eve@example.com', [{ productId: 'bytelyst-platform', role: 'admin' }])
      expect(code(await ada.post(`/users/${eve.id}/disable`, { reason: 'left the company' }))).toEqual([200, 'undefined'])
      await platform.app.close()
      const list = await run(folder, 'admin:list')
      expect(list.out.split('\n').map((line) => line.split('  ').slice(0, 4))).toEqual([
        [email, 'Ada King', 'active', 'password'],
        ['eve@example.com', 'eve', 'disabled', 'password'],
        [''],
      ])
      expect((await run(folder, 'admin:reset-link')).status).toBe(2)
      expect((await run(folder, 'admin:reset-link', 'bob@example.com')).err).toContain('bob@example.com is no platform admin')
      expect((await run(folder, 'admin:reset-link', 'eve@example.com')).err).toContain('eve@example.com is disabled')
      expect((await run(join(folder, 'elsewhere'), 'admin:list')).err).toContain('There is no store at')
    },
    patience,
  )
})

describe('the words of a command', () => {
  it('are those that are known, and no others', () => {
    expect(readCommand(['admin:list'])).toEqual({ what: 'admin:list' })
    const asked = { what: 'admin:reset-link', email, withoutSecondFactor: true }
    expect(readCommand(['admin:reset-link', '--without-second-factor', 'Ada@Example.com'])).toEqual(asked)
    for (const words of [[], ['admin:list', 'x'], ['admin:reset-link'], ['admin:reset-link', '--all'], ['admin:reset-link', 'a', 'b']])
      expect(readCommand(words)).toBeNull()
  })

  it('come from the account that has the files', () => {
    expect(accountTrouble(1_001, 1_001)).toBeNull()
    expect(accountTrouble(1_001, 0)).toContain('1001')
  })
})
