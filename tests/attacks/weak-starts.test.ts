import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { good } from '@console/testkit/people'
import { refusedStart } from '@console/testkit/program'
import { type PartName, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect } from 'vitest'

const secret = 'planted-secret-of-tokens-0123456789abcdef'
const key = 'planted-key-of-variables-0123456789abcdef'
const names = ['platform-service', 'docker-proxy', 'host-agent', 'devops-backend'] as const
/** What is tolerated on one's own machine, and what is said of it. */
const weak: Readonly<Record<PartName, readonly [env: Readonly<Record<string, string>>, says: RegExp]>> = {
  'platform-service': [{ JWT_SECRET: '', ENCRYPTION_KEY: key }, /JWT_SECRET is missing/],
  'docker-proxy': [{}, /docker-proxy (runs as root|holds capabilities|could gain rights|has a root folder|has a network)/],
  // As any account but root, or before the keys of people's tokens are there.
  'host-agent': [{}, /does not run as root|platform-service\.jwks cannot be read/],
  'devops-backend': [{ JWT_SECRET: secret, CSRF_SECRET: key, ENCRYPTION_KEY: key }, /JWT_SECRET is set for devops-backend/],
}

describe('parts with settings that weaken them', () => {
  let parts: RunningParts
  const folder = mkdtempSync(join(tmpdir(), 'weak-starts-'))
  beforeAll(async () => {
    const env = Object.fromEntries(names.map((name) => [name, weak[name][0]]))
    parts = await startParts({ parts: names, env })
  }, 180_000)
  afterAll(async () => {
    await parts?.stop()
    rmSync(folder, { recursive: true })
  })

  attackCase(
    'O10',
    'each is started with what would let somebody in',
    async (it) => {
      const refused = (name: PartName, more: Readonly<Record<string, string>>) => {
        const own = join(folder, name)
        mkdirSync(join(own, 'keys'), { recursive: true })
        return refusedStart(`apps/${name}/src/main.ts`, { DATA_DIR: own, SCRIPT_ROOTS: folder, ...weak[name][0], ...more })
      }
      await it.attack('in production', async () => {
        for (const name of names) {
          const told = await refused(name, { NODE_ENV: 'production' })
          expect([name, told]).toEqual([name, { status: 1, said: expect.stringMatching(weak[name][1]) }])
        }
      })
      await it.row('a start that was refused opened no log', () => {
        for (const name of names)
          for (const kept of [name, 'platform', 'devops'])
            expect([name, existsSync(join(folder, name, kept, 'audit'))]).toEqual([name, false])
      })
      await it.control('elsewhere: it starts, and the page of privileges says what weakens it', async () => {
        const admin = await parts.setUp()
        const { text, body } = good(await admin.devops.get('/privileges'), 200)
        expect(body.warnings).toEqual([expect.stringMatching(weak['devops-backend'][1])])
        expect(text).toMatch(/In production this stops the start: docker-proxy has a root folder/)
        expect(await refused('host-agent', {})).toEqual({ status: 0, said: '' })
      })
    },
    120_000,
  )
})
