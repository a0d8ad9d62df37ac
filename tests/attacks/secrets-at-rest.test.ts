import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { attackCase } from '@console/testkit/attack'
import { describeNeeding } from '@console/testkit/needs'
import { goodPassword, type Person, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, expect } from 'vitest'

const given = {
  JWT_SECRET: 'planted-secret-of-tokens-0123456789abcdef',
  ENCRYPTION_KEY: 'planted-key-of-variables-0123456789abcdef',
  SETUP_TOKEN: 'planted-token-of-the-set-up',
}

describeNeeding('account', 'the secrets of parts that run', () => {
  let parts: RunningParts
  let admin: Person
  let secrets: Record<string, string>
  beforeAll(async () => {
    parts = await startParts({
      parts: ['platform-service', 'host-agent', 'docker-proxy', 'devops-backend'],
      env: {
        'platform-service': { JWT_SECRET: given.JWT_SECRET, SETUP_TOKEN: given.SETUP_TOKEN },
        'devops-backend': { ENCRYPTION_KEY: given.ENCRYPTION_KEY },
      },
    })
    const page = parts.newPage()
    const wish = { token: given.SETUP_TOKEN, email: 'first@example.net', password: goodPassword, name: 'First Admin' }
    expect((await page.platform.post('/setup', wish)).status).toBe(201)
    admin = await parts.signIn('first@example.net')
    secrets = {
      ...given,
      password: goodPassword,
      session: admin.platform.cookie('__Secure-bl_sid'),
      reference: admin.platform.cookie('__Secure-bl_ref'),
      tie: admin.platform.cookie('__Host-bl_tie'),
      ...Object.fromEntries(keyFiles().map((path) => [path, linesOf(path)])),
    }
  }, 180_000)
  afterAll(() => parts?.stop())

  const filesUnder = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? filesUnder(join(folder, entry.name)) : entry.isFile() ? [join(folder, entry.name)] : [],
    )
  const keyFiles = () => filesUnder(parts.folder).filter((path) => /key\.pem$|\.secrets?(\.json)?$/.test(path))
  /** What makes the key, without the words around it. */
  const linesOf = (path: string) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('-----'))
      .join('')
  const found = (text: string) =>
    Object.entries(secrets)
      .filter(([, secret]) => text.includes(secret))
      .map(([what]) => what)
  const pids = () => [...parts.running.values()].map(({ child }) => child.pid ?? 0)
  const asOther = (path: string): string => {
    try {
      return execFileSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'cat', path], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    } catch (error) {
      return String((error as { stderr?: string }).stderr)
    }
  }

  attackCase(
    'O6',
    'secrets looked for where others may look',
    async (it) => {
      const before = parts.rows('platform-service').length
      await it.attack('in the arguments of processes, in logs, in what the console shows of itself', async () => {
        expect(Object.values(secrets).every((secret) => secret.length >= 16)).toBe(true)
        for (const pid of pids()) expect(found(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))).toEqual([])
        for (const { output } of parts.running.values()) expect(found(output.join('\n'))).toEqual([])
        for (const path of ['/privileges', '/settings', '/apm', '/parts'])
          expect([path, ...found((await admin.devops.get(path)).text)]).toEqual([path])
      })
      await it.attack('in the environment of each process, and in the files of keys, by another account', () => {
        for (const pid of pids()) expect(asOther(`/proc/${pid}/environ`)).toContain('Permission denied')
        for (const path of keyFiles()) expect(asOther(path)).toContain('Permission denied')
      })
      await it.attack('in files that a group or others may read', () => {
        const open = filesUnder(parts.folder).filter((path) => (statSync(path).mode & 0o077) !== 0)
        for (const path of open) expect([path, ...found(readFileSync(path, 'latin1'))]).toEqual([path])
        for (const path of keyFiles()) expect([path, statSync(path).mode & 0o177]).toEqual([path, 0])
      })
      await it.control('the account itself finds them where they are kept', () => {
        const environs = pids().map((pid) => readFileSync(`/proc/${pid}/environ`, 'latin1'))
        expect(found(environs.join('\n')).sort()).toEqual(['ENCRYPTION_KEY', 'JWT_SECRET', 'SETUP_TOKEN'])
        expect(keyFiles().length).toBeGreaterThanOrEqual(4)
      })
      await it.row('no row holds one', () => {
        expect(parts.rows('platform-service').length).toBeGreaterThanOrEqual(before)
        for (const part of ['platform-service', 'devops-backend', 'host-agent', 'docker-proxy'] as const)
          expect([part, ...found(JSON.stringify(parts.rows(part)))]).toEqual([part])
      })
    },
    120_000,
  )
})
