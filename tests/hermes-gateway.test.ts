import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, createServer as listen } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { describeNeeding, dockerSocket, traefikImage } from '@console/testkit/needs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, textOf } from './source-files.ts'

/** The rule that deploy.sh makes of the settings. */
const hermesFrom = (settings: string): string => ofChecks(settings, 'hermes_from')
/** What its checks miss in them. */
const missingIn = (settings: string): string[] =>
  ofChecks(settings, 'mode=local domain=localhost asked_mode= asked_domain= here=$3; check_settings')
    .split('\n')
    .filter((line) => line.startsWith('missing'))

function ofChecks(settings: string, asked: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'hermes-from-'))
  writeFileSync(join(dir, '.env'), `DOMAIN=localhost\n${settings}`)
  const setting = /^setting\(\) \{.*?^\}/ms.exec(textOf('deploy/deploy.sh'))?.[0] ?? ''
  const script = `set -eu; dir=$1; say() { printf '%s\\n' "$*"; }; ${setting}; source "$2"; ${asked}`
  const said = execFileSync('bash', ['-c', script, '_', dir, join(root, 'deploy/checks.sh'), join(root, 'deploy')], { encoding: 'utf8' })
  rmSync(dir, { recursive: true })
  return said.replaceAll(dir, '').trim()
}

/** The rule of the API's router as compose fills it in. */
function ruleFor(domain: string, from: string): string {
  const [, rule = ''] = /devops-api\.rule=(.*)"$/m.exec(textOf('deploy/compose.yaml')) ?? []
  const [, usual = ''] = /\$\{HERMES_FROM:-([^}]*)\}/.exec(rule) ?? []
  return rule.replace(/\$\{HERMES_FROM:-[^}]*\}/, from || usual).replace(/\$\{DOMAIN:\?\}/, domain)
}

describe('who reaches the paths of Hermes at the gateway', () => {
  it('is set by networks, or open by a word, and by nothing else', () => {
    expect(hermesFrom('')).toBe('')
    const some = 'HERMES_PUBLIC=false\nPRIVATE_NETWORKS=10.0.0.0/8,fd00::/8'
    expect([hermesFrom(some), missingIn(some)]).toEqual(['ClientIP(`10.0.0.0/8`) || ClientIP(`fd00::/8`)', []])
    expect(hermesFrom('HERMES_PUBLIC=true')).toBe('ClientIP(`0.0.0.0/0`) || ClientIP(`::/0`)')
    expect(missingIn('HERMES_PUBLIC=yes')).toEqual(['missing  HERMES_PUBLIC in /.env must be true or false'])
    for (const wrong of ['10.0.0.1`)||Host(`x', '10.0.0.0/33', '300.0.0.1', '10.0.0', 'fd00::/129', '/8', 'localhost'])
      expect([wrong, missingIn(`PRIVATE_NETWORKS=10.0.0.0/8,${wrong}`)]).toEqual([
        wrong,
        [expect.stringMatching(/PRIVATE_NETWORKS in \/\.env must be addresses or networks .* is none$/)],
      ])
  })
})

describeNeeding(['docker', 'traefik'], 'a real gateway with that rule', () => {
  const name = `hermes-gateway-${randomBytes(3).toString('hex')}`
  const dir = mkdtempSync(join(tmpdir(), 'hermes-gateway-'))
  const docker = (...args: string[]) =>
    execFileSync('docker', ['-H', `unix://${dockerSocket}`, ...args], { encoding: 'utf8', stdio: 'pipe' })
  const outside =
    Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? ''
  let backend: Server
  let port = 0
  const status = (host: string, path: string, domain: string) =>
    new Promise<number>((resolve, reject) => {
      const asked = request({ host, port, path, headers: { host: `api.${domain}`, 'x-forwarded-for': '127.0.0.1' } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      asked.once('error', reject)
      asked.end()
    })

  beforeAll(async () => {
    backend = createServer((_, answer) => answer.end('well')).listen(0, '127.0.0.1')
    await new Promise((done) => backend.once('listening', done))
    port = await freePort()
    const domains = {
      'usual.test': '',
      'named.test': hermesFrom(`PRIVATE_NETWORKS=${outside}`),
      'open.test': hermesFrom('HERMES_PUBLIC=true'),
    }
    const routers = Object.entries(domains).map(([domain, from]) => [domain.split('.')[0], { rule: ruleFor(domain, from), service: 'api' }])
    const servers = [{ url: `http://127.0.0.1:${(backend.address() as AddressInfo).port}` }]
    const settings = { http: { routers: Object.fromEntries(routers), services: { api: { loadBalancer: { servers } } } } }
    writeFileSync(join(dir, 'rules.yaml'), JSON.stringify(settings))
    const options = [`--entrypoints.web.address=:${port}`, '--providers.file.filename=/rules/rules.yaml', '--global.checknewversion=false']
    docker('run', '-d', '--rm', '--name', name, '--network', 'host', '-v', `${dir}:/rules:ro`, traefikImage, ...options)
    await until(
      'the gateway leads',
      () =>
        status('127.0.0.1', '/api/devops/parts', 'usual.test').then(
          (got) => got === 200,
          () => false,
        ),
      30_000,
    )
  }, 60_000)
  afterAll(() => {
    spawnSync('docker', ['-H', `unix://${dockerSocket}`, 'rm', '-f', name])
    backend?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('says 404 to others, whatever they claim to be, and leads who is private or meant', async () => {
    const paths = ['/api/devops/hermes/ops', '/devops/hermes/ops', '/api/devops/%68ermes/ops', '/api/devops/x/../hermes/ops']
    for (const path of paths) {
      const seen = async (host: string) =>
        Promise.all(['usual.test', 'named.test', 'open.test'].map((domain) => status(host, path, domain)))
      expect([path, await seen('127.0.0.1')]).toEqual([path, [200, 404, 200]])
      expect([path, await seen(outside)]).toEqual([path, [404, 200, 200]])
    }
    expect(await status(outside, '/api/devops/parts', 'usual.test')).toBe(200)
  })
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const taken = listen().listen(0, '127.0.0.1', () => {
      const { port } = taken.address() as AddressInfo
      taken.close(() => resolve(port))
    })
  })
}
