import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CosmosPeer, startCosmosPeer } from '@console/testkit/cosmos-peer'
import { until } from '@console/testkit/daemon-harness'
import { isDeep, reportFigure } from '@console/testkit/deep'
import { type DeployedConsole, deployConsole, deployedParts, docker } from '@console/testkit/deployed-console'
import { type KeyVaultPeer, peerClient, startKeyVaultPeer } from '@console/testkit/key-vault-peer'
import { describeNeeding } from '@console/testkit/needs'
import { good, type Person } from '@console/testkit/people'
import { goodPassword } from '@console/testkit/running-parts'
import { certificateFor } from '@console/testkit/tls-front'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { secretsFoundIn } from './attacks/image-secrets.ts'

const minutes = 60_000

/** Cosmos DB and Key Vault are stand-ins on this machine, reached from the containers over TLS. */
describeNeeding('deployed', 'a deployed console with documents in Cosmos DB and secrets in Key Vault', () => {
  let deployed: DeployedConsole
  let cosmos: CosmosPeer
  let vault: KeyVaultPeer
  let admin: Person
  let folder = ''
  const services = ['platform-service', 'devops-backend'] as const
  const inVault = {
    'JWT-SECRET': 'uR3kq9vX2mLw8ZtY5bNc7JdP1sGhQ4fA',
    'CSRF-SECRET': 'Kp7Wd2xT9cVb4NqZ6yRm1HsL8gFjE3aU',
  }

  beforeAll(async () => {
    const host = docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', 'bridge')
    const certificate = certificateFor([host])
    vault = await startKeyVaultPeer({ host, certificate })
    cosmos = await startCosmosPeer({ host, entra: { ...certificate, isGood: (token, account) => vault.isGood(token, account) } })
    for (const [name, value] of Object.entries({ ...inVault, 'COSMOS-KEY': cosmos.key })) vault.secrets.set(name, value)
    folder = mkdtempSync('/var/tmp/deployed-hosted-')
    chmodSync(folder, 0o755)
    writeFileSync(join(folder, 'ca.pem'), certificate.cert, { mode: 0o644 })
    deployed = await deployConsole({
      secrets: { azure_client_secret: peerClient.clientSecret },
      settings: {
        STORE: 'sqlite',
        COSMOS_ENDPOINT: cosmos.endpoint,
        AZURE_KEY_VAULT_URL: vault.url,
        AZURE_AUTHORITY_HOST: vault.url,
        AZURE_TENANT_ID: peerClient.tenantId,
        AZURE_CLIENT_ID: peerClient.clientId,
        EXTRA_CA: join(folder, 'ca.pem'),
      },
    })
    admin = await deployed.people.setUp(deployed.secret('setup_token'))
    await invite('alpha')
  }, 15 * minutes)
  afterAll(async () => {
    await deployed?.remove()
    await cosmos?.close()
    await vault?.close()
    if (folder !== '') rmSync(folder, { recursive: true, force: true })
  }, 3 * minutes)

  const invite = async (name: string) =>
    good(
      await admin.platform.post('/invites', {
        email: `${name}@example.net`,
        memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }],
      }),
      201,
    )
  const invited = async (): Promise<string[]> =>
    [...good(await admin.platform.get('/invites'), 200).text.matchAll(/"([a-z]+)@example\.net"/g)].map(([, name]) => name ?? '').sort()
  const set = (name: string, value: string): void => {
    const file = join(deployed.dir, '.env')
    writeFileSync(file, readFileSync(file, 'utf8').replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`))
  }
  const done = async (...args: string[]) => {
    const ran = await deployed.deploy(...args)
    if (ran.status !== 0) throw new Error(`${args.join(' ')}: ${ran.said}`)
    return ran
  }
  const dataOf = (volume: string, part: string) =>
    join(docker('volume', 'inspect', '--format', '{{.Mountpoint}}', `${deployed.network}_${volume}`), part)
  const stores = () => [dataOf('platform-data', 'platform'), dataOf('backend-data', 'devops')]
  const logOf = (part: (typeof services)[number]): string => {
    const { stdout, stderr } = spawnSync('docker', ['logs', deployed.nameOf(part)], { encoding: 'utf8', maxBuffer: 64 * 1_048_576 })
    return stdout + stderr
  }
  const documents = (said: string): string[] =>
    said.split('\n').filter((line) => /^[a-z-]+ \S+: [0-9]+ documents [0-9a-f]{64}$/.test(line) && !/ (pf|do)_meta: /.test(line))

  it('starts with secrets that stand in Key Vault alone', () => {
    for (const name of ['jwt_secret', 'csrf_secret', 'cosmos_key']) expect([name, deployed.secret(name)]).toEqual([name, ''])
    for (const name of ['JWT-SECRET', 'CSRF-SECRET', 'COSMOS-KEY']) expect(vault.asked).toContain(`GET /secrets/${name}`)
  })

  it(
    'takes its documents along to Cosmos DB by the command of the guide, and goes on there',
    async () => {
      expect(await deployed.deploy('store', 'copy', 'cosmos')).toMatchObject({
        status: 1,
        said: expect.stringContaining('deploy.sh stop first'),
      })
      await done('stop')
      const copied = await done('store', 'copy', 'cosmos')
      expect(copied.said).toMatch(/pf_users {2}1 documents {2}[0-9a-f]{64}/)
      expect((await done('store', 'compare')).said.match(/Both stores hold the same/g)).toHaveLength(2)
      set('STORE', 'cosmos')
      await done('up')
      expect(await invited()).toEqual(['alpha'])
      cosmos.asked.length = 0
      await invite('beta')
      expect(cosmos.asked.filter(({ write }) => write).length).toBeGreaterThan(0)
      expect(await deployed.deploy('rollback')).toMatchObject({ status: 1, said: expect.stringContaining('another store, sqlite') })
    },
    15 * minutes,
  )

  it(
    'keeps what lies in Cosmos DB in a backup of the host, and puts it back into an empty database',
    async () => {
      const made = await done('backup')
      expect(made.said).toMatch(/platform-service: read from a hosted store from \S+Z to \S+Z/)
      // Not what SQLite held before the move.
      expect(documents(made.said).join()).toMatch(/platform-service pf_tokens: 2 documents/)
      for (const place of stores()) expect(readdirSync(place).filter((name) => name.startsWith('exported'))).toEqual([])
      reportFigure('backup with Cosmos DB, seconds', Math.round(made.seconds))
      const [, name = ''] = /made (console-\S+):/.exec(made.said) ?? []

      await done('stop')
      docker('rm', ...docker('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${deployed.network}`).split('\n'))
      for (const volume of ['platform-data', 'backend-data', 'proxy-data']) docker('volume', 'rm', `${deployed.network}_${volume}`)
      writeFileSync(join(deployed.dir, '.env'), `${readFileSync(join(deployed.dir, '.env'), 'utf8')}COSMOS_DATABASE=restored\n`)
      rmSync(join(deployed.dir, 'state/current.yaml'))
      const restored = await done('restore', join(deployed.dir, 'backups', name))
      expect(documents(restored.said)).toEqual(documents(made.said))
      await done('up')
      expect(await invited()).toEqual(['alpha', 'beta'])
      await invite('gamma')
    },
    15 * minutes,
  )

  it(
    'goes back to SQLite by the same command, and finds the copies of the audit logs in Cosmos DB as they should be',
    async () => {
      await done('stop')
      expect((await done('store', 'compare-audit')).said.match(/rows, and the copy says the same/g)).toHaveLength(2)
      for (const place of stores())
        for (const name of readdirSync(place).filter((one) => one.startsWith('store.db')))
          renameSync(join(place, name), join(place, `before-${name}`))
      await done('store', 'copy', 'sqlite')
      set('STORE', 'sqlite')
      await done('up')
      cosmos.asked.length = 0
      expect(await invited()).toEqual(['alpha', 'beta', 'gamma'])
      expect(cosmos.asked).toEqual([])
    },
    15 * minutes,
  )

  it(
    'shows no secret of the vault in what the engine tells, in logs, arguments, environments and images',
    async () => {
      const secrets = { ...inVault, 'COSMOS-KEY': cosmos.key, 'secret of the client': peerClient.clientSecret }
      const found = (text: string) => Object.entries(secrets).flatMap(([what, secret]) => (text.includes(secret) ? [what] : []))
      for (const part of deployedParts) {
        const told = [docker('inspect', deployed.nameOf(part)), docker('top', deployed.nameOf(part), '-ef')]
        const { stdout, stderr } = spawnSync('docker', ['logs', deployed.nameOf(part)], { encoding: 'utf8', maxBuffer: 64 * 1_048_576 })
        told.push(stdout, stderr)
        for (const file of ['cmdline', 'environ']) told.push(readFileSync(`/proc/${deployed.pidOf(part)}/${file}`, 'latin1'))
        expect([part, ...found(told.join('\n'))]).toEqual([part])
      }
      for (const file of ['.env', 'state/current.yaml'])
        expect([file, ...found(readFileSync(join(deployed.dir, file), 'utf8'))]).toEqual([file])
      const images = services.map((part) => docker('inspect', '--format', '{{.Image}}', deployed.nameOf(part)))
      for (const image of images) expect(found(docker('history', '--no-trunc', image))).toEqual([])
      expect(await secretsFoundIn(images, Object.values(secrets))).toEqual([])
      // It is where it belongs, and what looks for it would find it.
      expect(found(docker('exec', deployed.nameOf('platform-service'), 'cat', '/run/secrets/azure_client_secret'))).toEqual([
        'secret of the client',
      ])
    },
    5 * minutes,
  )

  it(
    'does not start while the vault is away, says which secret it lacks, and starts once it is back',
    async () => {
      await done('stop')
      vault.fault = () => ({ status: 503 })
      expect(await deployed.deploy('up', '--no-backup', '--wait', '20')).toMatchObject({
        status: 1,
        said: expect.stringMatching(/JWT_SECRET cannot be read from Key Vault as JWT-SECRET: .*busy or failing \(503\)/),
      })
      vault.fault = () => null
      await done('up', '--no-backup')
      expect(await invited()).toEqual(['alpha', 'beta', 'gamma'])
    },
    10 * minutes,
  )

  it.runIf(isDeep)(
    'takes a signing secret that was changed in the vault without a restart, signs nobody out, and bears a vault that is away',
    async () => {
      const ids = services.map((part) => docker('inspect', '--format', '{{.State.StartedAt}}', deployed.nameOf(part)))
      vault.secrets.set('JWT-SECRET-PREVIOUS', inVault['JWT-SECRET'])
      vault.secrets.set('JWT-SECRET', 'wB4zN8rQ1vXs6HyT3mKd9LcF5gPj2aEu')
      // Of this one devops-backend alone asks.
      vault.fault = (path) => (path.endsWith('/CSRF-SECRET') ? { status: 503 } : null)
      const [platform, devops] = services
      await until('it is used', () => /JWT_SECRET was changed in Key Vault and is used from now on/.test(logOf(platform)), 16 * minutes)
      await until(
        'it is missed',
        () => /secrets could not be looked up, so the known ones go on being used/.test(logOf(devops)),
        2 * minutes,
      )
      expect(await invited()).toEqual(['alpha', 'beta', 'gamma'])
      // The last factor was shown a quarter of an hour ago.
      good(await admin.platform.post('/auth/step-up', { password: goodPassword }), 200)
      await invite('delta')
      expect((await admin.devops.get('/parts')).status).toBe(200)
      expect(services.map((part) => docker('inspect', '--format', '{{.State.StartedAt}}', deployed.nameOf(part)))).toEqual(ids)
      for (const part of services) expect(logOf(part)).not.toMatch(/wB4zN8rQ1vXs6HyT3mKd9LcF5gPj2aEu/)
    },
    20 * minutes,
  )
})
