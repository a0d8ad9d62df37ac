import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { until } from '@console/testkit/daemon-harness'
import { type DeployedConsole, deployConsole, docker } from '@console/testkit/deployed-console'
import { caddyPath, describeNeeding, traefikImage } from '@console/testkit/needs'
import { addressOfThisMachine, startPebble } from '@console/testkit/pebble'
import { good, peopleOf } from '@console/testkit/people'
import { freePorts } from '@console/testkit/start-console'
import { certificateFor } from '@console/testkit/tls-front'
import { afterEach, expect, it } from 'vitest'
import { root, textOf } from './source-files.ts'

const minutes = 60_000
/** What is to be taken away after a test, the last thing first. */
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one()
}, 3 * minutes)

async function deploy(...wanted: Parameters<typeof deployConsole>): Promise<DeployedConsole> {
  const deployed = await deployConsole(...wanted)
  undo.push(() => deployed.remove())
  return deployed
}

/** Signs the first admin in and asks both services, as a page would. */
async function isWhole({ people, secret }: Pick<DeployedConsole, 'people' | 'secret'>): Promise<void> {
  const admin = await people.setUp(secret('setup_token'))
  good(await admin.platform.get('/users'), 200)
  expect(good(await admin.devops.get('/parts'), 200).text).toContain('docker-proxy')
}

/** Whatever leads browsers to the console leads to its port, and pages of the same names at 443 are strangers. */
async function namesItsPort(deployed: DeployedConsole): Promise<void> {
  const { domain, port, get } = deployed
  await isServed(deployed)
  const at = (name: string): string => `https://${name}.${domain}:${port}`
  for (const name of ['devops', 'admin']) {
    expect(deployed.upSaid).toMatch(new RegExp(`: +${at(name)}$`, 'm'))
    expect(await redirectOf(deployed.httpPort, `${name}.${domain}`)).toBe(`${at(name)}/a?b=c`)
    expect(JSON.parse((await get(name, '/settings.json')).body)).toMatchObject({
      devopsApiUrl: `${at('api')}/api/devops`,
      platformUrl: `${at('api')}/platform/api`,
      adminWebUrl: at('admin'),
      devopsWebUrl: at('devops'),
    })
  }
  const allowed = async (path: string, origin: string) => (await headersOf(deployed, path, origin))['access-control-allow-origin']
  for (const path of ['/platform/api/setup', '/api/devops/parts'])
    expect([path, await allowed(path, at('admin')), await allowed(path, `https://admin.${domain}`)]).toEqual([path, at('admin'), undefined])
}

/** Where the gateway leads a browser that asked by http, at the name alone. */
function redirectOf(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const call = requestHttp({ host: '127.0.0.1', port, path: '/a?b=c', headers: { host }, agent: false }, (reply) => {
      reply.resume()
      resolve(reply.headers.location)
    })
    call.once('error', reject)
    call.end()
  })
}

/** What the API says to a page of that origin. */
function headersOf({ domain, port, ca }: DeployedConsole, path: string, origin: string): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const host = `api.${domain}`
    const call = request({ host: '127.0.0.1', port, servername: host, ca, path, agent: false, headers: { host, origin } }, (reply) => {
      reply.resume()
      resolve(reply.headers)
    })
    call.once('error', reject)
    call.end()
  })
}

const isServed = (deployed: DeployedConsole): Promise<unknown> =>
  until('its names are served', async () => (await deployed.get('api', '/platform/api/setup').catch(() => null))?.status === 200, minutes)

/** What is for the inside, and is nobody's business outside. */
async function keepsTheInside({ get }: DeployedConsole): Promise<void> {
  for (const [host, path] of [
    ['api', '/platform/api/internal/introspect'],
    ['api', '/platform/api/%69nternal/introspect'],
    ['devops', '/api/devops/parts'],
  ] as const)
    expect([path, await get(host, path)]).toEqual([path, { status: 404, body: expect.not.stringMatching(/"code"/) }])
}

describeNeeding('deployed', 'a console', () => {
  it(
    'without a gateway is reached at loopback alone',
    async () => {
      const [platformPort = 0, devopsPort = 0, devopsWeb = 0, adminWeb = 0] = await freePorts(4)
      const ports = { PLATFORM_PORT: platformPort, BACKEND_PORT: devopsPort, DEVOPS_WEB_PORT: devopsWeb, ADMIN_WEB_PORT: adminWeb }
      const { secret, network } = await deploy({ gateway: 'local', settings: { DOMAIN: 'localhost', ...ports } })
      for (const port of [devopsWeb, adminWeb]) {
        const settings = await (await fetch(`http://localhost:${port}/settings.json`)).json()
        expect(settings).toMatchObject({ platformUrl: `http://localhost:${platformPort}/platform/api` })
      }
      await isWhole({ people: peopleOf({ devopsPort, platformPort, origin: `http://localhost:${devopsWeb}` }), secret })
      const published = docker('ps', '--filter', `label=com.docker.compose.project=${network}`, '--format', '{{.Ports}}')
      const addresses = [...published.matchAll(/(\S+):[0-9]+->/g)].map(([, address]) => address)
      expect([addresses.length, new Set(addresses)]).toEqual([4, new Set(['127.0.0.1'])])
    },
    10 * minutes,
  )

  it(
    'at another port names it everywhere, lets people sign in with the provider of its settings, whose secret the engine shows to nobody, and leaves nothing once it is purged',
    async () => {
      const host = docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', 'bridge')
      const certificate = certificateFor([host])
      const provider = createServer(certificate, (asked, reply) => {
        const issuer = `https://${asked.headers.host}`
        reply.setHeader('content-type', 'application/json')
        reply.end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` }))
      })
      await new Promise<void>((resolve) => provider.listen(0, host, resolve))
      undo.push(() => provider.close())
      const issuer = `https://${host}:${(provider.address() as AddressInfo).port}`
      const folder = mkdtempSync('/var/tmp/deployed-provider-')
      undo.push(() => rmSync(folder, { recursive: true }))
      chmodSync(folder, 0o755)
      writeFileSync(join(folder, 'ca.pem'), certificate.cert)
      const secret = 'a-secret-of-the-provider-0123456789'
      const [port = 0] = await freePorts(1)
      const deployed = await deploy({
        port,
        secrets: { oidc_client_secret: `${secret}\n` },
        settings: {
          PUBLIC_HTTPS_PORT: '',
          OIDC_ISSUER: issuer,
          OIDC_CLIENT_ID: 'console-at-provider',
          OIDC_NAME: 'Example',
          EXTRA_CA: join(folder, 'ca.pem'),
        },
      })
      await namesItsPort(deployed)
      await isWhole(deployed)
      expect((await deployed.get('api', '/platform/api/auth/upstream/provider')).body).toContain('"Example"')
      const begun = await deployed.people.stranger().platform.post('/auth/upstream/begin', { app: 'admin' })
      const url = new URL(String(good(begun, 201).body.url))
      expect([url.origin, url.searchParams.get('client_id')]).toEqual([issuer, 'console-at-provider'])
      expect(url.searchParams.get('redirect_uri')).toBe(`https://admin.${deployed.domain}:${port}/upstream`)
      const part = deployed.nameOf('platform-service')
      expect(docker('exec', part, 'cat', '/run/secrets/oidc_client_secret')).toBe(secret)
      const shown = [
        docker('inspect', part),
        docker('top', part, '-ef'),
        readFileSync(`/proc/${deployed.pidOf('platform-service')}/environ`, 'utf8'),
      ]
      for (const text of [...shown, readFileSync(join(deployed.dir, 'state/current.yaml'), 'utf8')]) expect(text).not.toContain(secret)
      expect(shown.join()).toContain('OIDC_CLIENT_ID=console-at-provider')

      const home = join(deployed.dir, '..')
      expect(readdirSync(home).sort()).toEqual(['agent', 'console', 'keys'])
      expect((await deployed.deploy('uninstall', '--purge')).status).toBe(0)
      expect([readdirSync(home), readdirSync(deployed.dir)]).toEqual([['console'], ['backups']])
      const ours = `label=com.docker.compose.project=${deployed.network}`
      for (const kind of ['container', 'volume', 'network'])
        expect([kind, docker(kind, 'ls', '--quiet', ...(kind === 'container' ? ['--all'] : []), '--filter', ours)]).toEqual([kind, ''])
      expect(docker('network', 'ls', '--quiet', '--filter', `name=^${deployed.network}$`)).toBe('')
      expect(docker('image', 'ls', '--quiet', '--filter', `reference=${deployed.network}/*`)).toBe('')
    },
    10 * minutes,
  )

  it(
    'behind a Traefik that is there already, on its network, has no gateway of its own',
    async () => {
      const [port = 0] = await freePorts(1)
      const deployed = await deploy({ gateway: 'behind', port })
      const name = `${deployed.network}-theirs`
      undo.push(() => docker('rm', '--force', name))
      const file = join(deployed.dir, 'tls/theirs.yaml')
      writeFileSync(
        file,
        'tls: { stores: { default: { defaultCertificate: { certFile: /tls/certificate.pem, keyFile: /tls/key.pem } } } }\n',
      )
      const options = [
        '--providers.docker.exposedByDefault=false',
        // Other consoles of this engine are none of its business.
        `--providers.docker.constraints=Label(\`com.docker.compose.project\`,\`${deployed.network}\`)`,
        '--providers.file.filename=/tls/theirs.yaml',
        '--entrypoints.websecure.address=:443',
        '--global.checknewversion=false',
      ]
      const mounts = ['--volume', '/var/run/docker.sock:/var/run/docker.sock:ro', '--volume', `${join(deployed.dir, 'tls')}:/tls:ro`]
      docker(
        'run',
        '--detach',
        '--name',
        name,
        '--network',
        deployed.network,
        '--publish',
        `127.0.0.1:${port}:443`,
        ...mounts,
        traefikImage,
        ...options,
      )
      await isServed(deployed)
      await keepsTheInside(deployed)
      await isWhole(deployed)
      expect(docker('ps', '--all', '--filter', `name=${deployed.nameOf('gateway')}`, '--quiet')).toBe('')
    },
    10 * minutes,
  )

  it(
    'comes from a bundle on a host without its sources, and builds nothing there',
    async () => {
      const folder = mkdtempSync('/var/tmp/deployed-bundle-')
      undo.push(() => rmSync(folder, { recursive: true }))
      chmodSync(folder, 0o755)
      const archive = join(folder, 'console.tar.gz')
      execFileSync(join(root, 'deploy/deploy.sh'), ['bundle', archive, '--dir', join(folder, 'none')], { stdio: 'pipe' })
      execFileSync('tar', ['-xzf', archive, '-C', folder])
      rmSync(archive)
      expect(readdirSync(join(folder, 'console')).sort()).toEqual(['architecture', 'deploy', 'images.tar', 'images.tar.sha256', 'version'])
      const deployed = await deploy({ command: join(folder, 'console/deploy/deploy.sh') })
      await isWhole(deployed)
      expect(existsSync(join(folder, 'console/apps'))).toBe(false)
      const upgraded = await deployed.deploy('up')
      expect(upgraded).toMatchObject({ status: 0, said: expect.stringMatching(/loading the images of version [\s\S]* is well/) })
      expect(upgraded.said).not.toContain('building')
    },
    15 * minutes,
  )
})

describeNeeding(['deployed', 'caddy'], 'a console behind a Caddy', () => {
  it(
    'is served by the lines of the guide, and keeps what is for the inside',
    async () => {
      const [port = 0, platform = 0, backend = 0, devopsWeb = 0, adminWeb = 0] = await freePorts(5)
      const ports = { PLATFORM_PORT: platform, BACKEND_PORT: backend, DEVOPS_WEB_PORT: devopsWeb, ADMIN_WEB_PORT: adminWeb }
      const deployed = await deploy({ gateway: 'proxy', port, settings: ports })
      const tls = `tls ${join(deployed.dir, 'tls/certificate.pem')} ${join(deployed.dir, 'tls/key.pem')}`
      const [, lines = ''] = /```caddyfile\n([\s\S]*?)```/.exec(textOf('docs/DEPLOYMENT.md')) ?? []
      const there = lines
        .replaceAll('your.domain {', `${deployed.domain}:${port} {\n\t${tls}`)
        .replaceAll(/127\.0\.0\.1:(3049|3001|4003|4004)/g, (_, usual: string) => {
          const ours = { 3049: devopsWeb, 3001: adminWeb, 4003: platform, 4004: backend }[usual]
          return `127.0.0.1:${ours}`
        })
      const file = join(deployed.dir, 'Caddyfile')
      writeFileSync(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${there}`)
      const caddy: ChildProcess = spawn(caddyPath, ['run', '--adapter', 'caddyfile', '--config', file], {
        env: { PATH: process.env.PATH, HOME: deployed.dir },
        stdio: 'ignore',
      })
      undo.push(() => caddy.kill())
      await isServed(deployed)
      await keepsTheInside(deployed)
      await isWhole(deployed)
      const hermes = '/api/devops/hermes/ops'
      expect([await deployed.get('api', hermes), await statusFromOutside(deployed, hermes)]).toEqual([
        expect.objectContaining({ status: 401 }),
        404,
      ])
    },
    10 * minutes,
  )
})

describeNeeding(['deployed', 'pebble'], 'a console that orders its certificates', () => {
  it(
    'is given one for each name by an ACME server, shows it, and orders no other when its gateway is made anew',
    async () => {
      const folder = mkdtempSync('/var/tmp/deployed-acme-')
      undo.push(() => rmSync(folder, { recursive: true }))
      chmodSync(folder, 0o755)
      const [port = 0] = await freePorts(1)
      const pebble = await startPebble(folder, port)
      undo.push(() => pebble.stop())
      const settings = { ACME_EMAIL: 'first@example.net', ACME_DIRECTORY: pebble.directory, ACME_CA: pebble.authority }
      const deployed = await deploy({ gateway: 'acme', port, ca: pebble.root, settings })
      const names = ['devops', 'admin', 'api'].map((host) => `${host}.${deployed.domain}`)
      const shown = (): Promise<string[]> => Promise.all(names.map((name) => serialShown(deployed, name)))
      const first = await until('all three names have theirs', () => shown().catch(() => null), minutes)
      expect(new Set(first).size).toBe(3)
      await isWhole(deployed)
      const checked = await deployed.deploy('check')
      expect([checked.status, checked.said.match(/^ok +certificate of \S+$/gm)?.length]).toEqual([0, 3])

      docker('rm', '--force', deployed.nameOf('gateway'))
      expect((await deployed.deploy('up', '--no-backup')).status).toBe(0)
      await isServed(deployed)
      expect(await shown()).toEqual(first)
      expect(pebble.output.join('').match(/Issued certificate serial/g)).toHaveLength(3)
    },
    10 * minutes,
  )
})

/** The serial number of the certificate that is shown for a name. @throws Error where it is not one for this name by the authority of the console */
function serialShown({ port, ca }: DeployedConsole, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ca }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

/** Asked at an address of this machine that is not loopback, which is where the request then comes from. */
function statusFromOutside({ domain, port, ca }: DeployedConsole, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const name = `api.${domain}`
    const where = { host: addressOfThisMachine(), port, servername: name, ca, path, agent: false, headers: { host: name } }
    const call = request(where, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
    call.once('error', reject)
    call.end()
  })
}
