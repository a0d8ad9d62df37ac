import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure } from '@console/testkit/deep'
import { type DeployedConsole, deployConsole, deployedParts, docker } from '@console/testkit/deployed-console'
import { describeNeeding } from '@console/testkit/needs'
import type { Person } from '@console/testkit/people'
import { afterAll, beforeAll, expect, it } from 'vitest'

const minutes = 60_000
const scriptOfBefore = '/_next/static/chunks/of-before.js'
/** How long a version that is put back may take to be well, in seconds. */
const backWithinSec = 30

describeNeeding('deployed', 'a deployed console that changes', () => {
  let deployed: DeployedConsole
  let admin: Person
  beforeAll(async () => {
    deployed = await deployConsole()
    admin = await deployed.people.setUp(deployed.secret('setup_token'))
  }, 15 * minutes)
  afterAll(() => deployed?.remove(), 3 * minutes)

  const version = (): string =>
    /platform-service:(\S+)/.exec(docker('inspect', '--format', '{{.Config.Image}}', deployed.nameOf('platform-service')))?.[1] ?? ''
  const well = (): string[] =>
    deployedParts.filter((part) => docker('inspect', '--format', '{{.State.Health.Status}}', deployed.nameOf(part)) === 'healthy')
  /** All that is known of people. What is put back has new marks of its version: whoever read it before reads it again. */
  const people = async (): Promise<string> => (await admin.platform.get('/users')).text.replaceAll(/"etag":"[^"]*"/g, '')

  it(
    'is replaced by a newer version by the same command, and knows who was signed in',
    async () => {
      const [before, known] = [version(), await people()]
      addScriptOfBefore(docker('inspect', '--format', '{{.Config.Image}}', deployed.nameOf('devops-web')))
      const ran = await deployed.deploy('up')
      expect([ran.status, ran.said]).toEqual([0, expect.stringContaining('is well')])
      reportFigure('upgrade, seconds', Math.round(ran.seconds))
      expect([version() > before, well()]).toEqual([true, [...deployedParts]])
      expect(await people()).toBe(known)
      // What an open tab of the version before asks for, where the browser keeps nothing itself.
      expect(await deployed.get('devops', scriptOfBefore)).toEqual({ status: 200, body: 'before()\n' })
      expect((await deployed.get('devops', '/of-before.html')).status).toBe(404)
    },
    10 * minutes,
  )

  /** An upgrade with one setting more, which is taken back afterwards. */
  const upgradeWith = async (setting: string) => {
    const settings = join(deployed.dir, '.env')
    const good = readFileSync(settings, 'utf8')
    appendFileSync(settings, `${setting}\n`)
    const ran = await deployed.deploy('up', '--wait', '60')
    writeFileSync(settings, good)
    return ran
  }

  it(
    'touches nothing where a part would refuse the settings, and says which one',
    async () => {
      const started = () => deployedParts.map((part) => docker('inspect', '--format', '{{.State.StartedAt}}', deployed.nameOf(part)))
      const before = started()
      for (const [setting, told] of [
        ['TRUSTED_PROXY=anybody', /anybody\W+ is no address or network[\s\S]*nothing was changed/],
        ['WEB_WORKER=perhaps', /WEB_WORKER is neither on nor off: perhaps[\s\S]*nothing was changed/],
      ] as const)
        expect(await upgradeWith(setting)).toMatchObject({ status: 1, said: expect.stringMatching(told) })
      expect(started()).toEqual(before)
    },
    10 * minutes,
  )

  it(
    'keeps the version that ran where the next one does not start, and says why it did not',
    async () => {
      const before = version()
      const keys = join(deployed.dir, '../open-keys')
      mkdirSync(keys)
      chmodSync(keys, 0o777)
      chownSync(keys, 1001, 1001)
      const ran = await upgradeWith(`CONSOLE_KEYS_DIR=${keys}`)
      expect([ran.status, ran.said]).toEqual([1, expect.stringContaining('/keys can be written by others')])
      const seconds = Number(/the version before was started again and is well, ([0-9]+) s later/.exec(ran.said)?.[1])
      reportFigure('put back, seconds', seconds)
      expect(seconds).toBeLessThanOrEqual(backWithinSec)
      expect([version(), well()]).toEqual([before, [...deployedParts]])
      expect((await admin.devops.get('/parts')).status).toBe(200)
    },
    10 * minutes,
  )

  it(
    'goes back to the version before when it is told to',
    async () => {
      const before = version()
      const ran = await deployed.deploy('rollback')
      expect([ran.status, ran.said]).toEqual([0, expect.stringContaining('is well')])
      reportFigure('rolled back, seconds', Math.round(ran.seconds))
      expect(ran.seconds).toBeLessThanOrEqual(backWithinSec)
      expect([version() < before, well()]).toEqual([true, [...deployedParts]])
      expect((await admin.platform.get('/auth/session')).status).toBe(200)
    },
    5 * minutes,
  )

  it(
    'makes backups by its timer: of all of it, and of each service by the token that an admin gave it',
    async () => {
      await deployed.people.enrol(admin, 'first@example.net')
      const services = [
        ['platform-service', 'bytelyst-platform', 'platformBackups.file.make', admin.platform],
        ['devops-backend', 'bytelyst-devops', 'backups.file.make', admin.devops],
      ] as const
      for (const [part, productId, action] of services) {
        const made = await admin.platform.post('/auth/api-tokens', { name: 'timer', productId, actions: [action], expiresInDays: 30 })
        expect(made.status, made.text).toBe(201)
        writeFileSync(join(deployed.dir, 'tokens', part), `${String(made.body.secret)}\n`, { mode: 0o600 })
      }
      const ran = await deployed.deploy('backup', '--by-timer')
      expect([ran.status, ran.said]).toEqual([0, expect.stringMatching(/made console-\S+: [0-9]+ bytes/)])
      for (const [part, , , api] of services) {
        expect(ran.said).toContain(`${part} makes a backup of its own`)
        await until('it is made', async () => (await api.get('/backups')).body.work === null, minutes)
        expect((await api.get('/backups')).body.items).toMatchObject([{ state: 'made', by: { kind: 'token' } }])
      }
      rmSync(join(deployed.dir, 'tokens'), { recursive: true })
    },
    5 * minutes,
  )

  it(
    'comes back from a backup, once all that it kept is gone: the same by counts and digests, its logs included',
    async () => {
      const known = await people()
      const made = await deployed.deploy('backup', '--keep', '2')
      expect([made.status, made.said]).toEqual([0, expect.stringMatching(/made console-\S+: [0-9]+ bytes/)])
      const name = /made (console-\S+):/.exec(made.said)?.[1] ?? ''
      const held = (said: string): string[] =>
        said.split('\n').filter((line) => /^[a-z-]+ \S+: [0-9]+ (documents|bytes) [0-9a-f]{64}$/.test(line))
      expect(held(made.said).length).toBeGreaterThan(8)
      // The two newest stay: this one, and the one that the upgrade made by itself.
      expect(readdirSync(join(deployed.dir, 'backups')).filter((file) => file.endsWith('.backup'))).toHaveLength(2)

      const file = join(deployed.dir, '../kept.backup')
      copyFileSync(join(deployed.dir, 'backups', name), file)
      expect((await deployed.deploy('restore', file)).said).toContain('the console runs')
      expect((await deployed.deploy('stop')).status).toBe(0)
      docker('rm', ...docker('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${deployed.network}`).split('\n'))
      expect((await deployed.deploy('restore', file)).said).toContain('is not empty')
      for (const volume of ['platform-data', 'backend-data', 'proxy-data']) docker('volume', 'rm', `${deployed.network}_${volume}`)

      const whole = readFileSync(file)
      writeFileSync(file, whole.subarray(0, whole.length - 20))
      expect(await deployed.deploy('restore', file)).toMatchObject({ status: 1, said: expect.stringContaining('damaged') })
      writeFileSync(file, whole)
      const restored = await deployed.deploy('restore', file)
      expect([restored.status, held(restored.said)]).toEqual([0, held(made.said)])
      reportFigure('restore, seconds', Math.round(restored.seconds))
      expect(await deployed.deploy('up')).toMatchObject({ status: 0, said: expect.stringContaining('is well') })
      expect(await people()).toBe(known)
      // There is no host-agent here, so that its log is away.
      await until(
        'the three logs hold',
        async () => {
          const { text } = await admin.devops.get('/audit/verify')
          return text.match(/"state":"valid"/g)?.length === 3 && !text.includes('"broken"')
        },
        minutes,
      )
    },
    15 * minutes,
  )
})

/** Gives an image a script and a page that no other version has, as if its sources were others. */
function addScriptOfBefore(image: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'script-of-before-'))
  const container = docker('create', image)
  try {
    writeFileSync(join(folder, 'script'), 'before()\n', { mode: 0o644 })
    docker('cp', join(folder, 'script'), `${container}:/srv/site${scriptOfBefore}`)
    docker('cp', join(folder, 'script'), `${container}:/srv/site/of-before.html`)
    docker('commit', container, image)
  } finally {
    docker('rm', container)
    rmSync(folder, { recursive: true })
  }
}
