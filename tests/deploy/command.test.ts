import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { expect, it } from 'vitest'
import { aConsole, aDocker, aProgram, calls, deploy, deployFrom, folder, inFolders, secretsOfBefore } from './console-place.ts'

inFolders()

it('says how it is used, and refuses what it does not know', () => {
  expect(deploy('--help')).toMatchObject({ status: 0, said: expect.stringContaining('Usage: deploy.sh') })
  for (const args of [
    ['--nothing'],
    ['up', 'stop'],
    ['--domain'],
    ['--domain', 'Not A Name'],
    ['--gateway', 'nginx'],
    ['--wait', '0'],
    ['logs', 'sshd'],
    ['restore'],
    ['restore', 'one', 'two'],
    ['bundle'],
    ['backup', '--keep', '0'],
    ['backup', '--keep', '14,8'],
    ['backup', '--keep', '14,8,12,14,1'],
    ['timer', '--keep', '14,8,12,'],
    ['store'],
    ['store', 'copy'],
    ['store', 'copy', 'paper'],
    ['store', 'compare', 'cosmos'],
  ])
    expect([args, deploy(...args).status]).toEqual([args, 2])
  expect(readdirSync(folder)).toEqual(['bin'])
})

it('makes the group of host-agent before the parts that are given it', () => {
  aDocker()
  const { said } = deploy('up', '--dry-run', '--agent', '--domain', 'console.test', '--gateway', 'local')
  const order = ['systemd/install.sh accounts', '--target devops-backend', 'systemd/install.sh install'].map((what) => said.indexOf(what))
  expect(order[0]).toBeGreaterThan(0)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

it('tells beforehand what it would do, and changes nothing', () => {
  aDocker()
  const { status, said } = deploy('up', '--dry-run', '--domain', 'console.test', '--gateway', 'local')
  expect([status, said]).toEqual([0, expect.stringContaining('with DOMAIN=console.test and GATEWAY=local')])
  for (const part of ['platform-service', 'devops-backend', 'docker-proxy', 'devops-web', 'admin-web'])
    expect(said).toContain(`--target ${part}`)
  expect(calls().filter((call) => !/^(version|info|ps|compose version|buildx version|network inspect)/.test(call))).toEqual([])
  expect(readdirSync(folder).sort()).toEqual(['bin', 'calls'])
})

it('builds each dashboard on the scripts of the one that runs, and nothing else on anything', () => {
  aDocker()
  mkdirSync(join(folder, 'console/state'), { recursive: true })
  writeFileSync(join(folder, 'console/.env'), 'DOMAIN=console.test\nGATEWAY=local\n')
  const builtOn = () =>
    [...deploy('up', '--dry-run').said.matchAll(/--target (\S+) .*PREVIOUS_SITE=(\S+)/g)].map(([, part, site]) => `${part} ${site}`).sort()
  const none = ['admin-web', 'devops-backend', 'devops-web', 'docker-proxy', 'platform-service'].map((part) => `${part} no-site`)
  writeFileSync(join(folder, 'console/state/current.yaml'), 'image: bytelyst-console/platform-service:20260102-030405\n')
  secretsOfBefore()
  const web = (part: string) => `${part} bytelyst-console/${part}:20260102-030405`
  expect(builtOn()).toEqual([web('admin-web'), none[1], web('devops-web'), ...none.slice(3)])
  aDocker({ known: false })
  expect(builtOn()).toEqual(none)
  aDocker()
  rmSync(join(folder, 'console/state/current.yaml'))
  expect(builtOn()).toEqual(none)
})

it.each([
  ['an engine that is too old', { api: '1.40' }, 'missing  an engine with API 1.41'],
  ['an engine that is away', { api: '' }, 'does not answer'],
  ['a compose that is too old', { compose: 'v2.9.1' }, 'missing  docker compose 2.20'],
  ['no compose', { compose: '' }, 'missing  docker compose: install'],
])('misses %s', (_, docker, told) => {
  aDocker(docker)
  mkdirSync(join(folder, 'console'))
  writeFileSync(join(folder, 'console/.env'), 'DOMAIN=console.test\nGATEWAY=local\n')
  expect(deploy('check')).toMatchObject({ status: 1, said: expect.stringContaining(told) })
  aDocker()
  const well = deploy('check')
  expect([well.status, well.said.includes('missing')]).toEqual([0, false])
})

const acme = 'DOMAIN=console.test\nGATEWAY=acme\nGATEWAY_HTTP_PORT=11\nGATEWAY_HTTPS_PORT=443\n'

it.each([
  ['ACME_EMAIL=nobody', 'ACME_EMAIL in'],
  ['ACME_EMAIL=a b@example.net', 'ACME_EMAIL in'],
  ['ACME_DIRECTORY=http://acme.test/directory', 'ACME_DIRECTORY in'],
  ['ACME_DIRECTORY=acme.test', 'ACME_DIRECTORY in'],
  ['ACME_CA=ca.pem', 'ACME_CA in'],
  ['ACME_CA=/nowhere/ca.pem', 'ACME_CA in'],
])('orders no certificates with %s', (setting, told) => {
  aDocker()
  mkdirSync(join(folder, 'console'))
  writeFileSync(join(folder, 'console/.env'), `${acme}${setting}\n`)
  expect(deploy('check')).toMatchObject({ status: 1, said: expect.stringContaining(`missing  ${told}`) })
})

it('takes settings for an ACME server of one’s own, where the gateway can read its authority', () => {
  aDocker()
  mkdirSync(join(folder, 'console'))
  const authority = join(folder, 'ca.pem')
  writeFileSync(authority, '', { mode: 0o600 })
  const settings = ['ACME_EMAIL=first@example.net', 'ACME_DIRECTORY=https://acme.test:14000/dir', `ACME_CA=${authority}`, '']
  writeFileSync(join(folder, 'console/.env'), `${acme}${settings.join('\n')}`)
  expect(deploy('check').said).toContain('missing  ACME_CA in')
  chmodSync(authority, 0o644)
  expect(deploy('check').said).not.toMatch(/ACME_|missing {2}(?!port)/)
})

it('says of certificates what can be known here: for whom, where the names lead, what answers there, which are there', () => {
  mkdirSync(join(folder, 'console/letsencrypt'), { recursive: true })
  writeFileSync(join(folder, 'console/.env'), acme)
  aDocker()
  aProgram('getent', '#!/bin/sh\ncase $2 in admin.*) echo "127.0.0.1 $2" ;; api.*) echo "203.0.113.9 $2" ;; *) exit 2 ;; esac\n')
  const before = deploy('check').said
  for (const told of [
    `note     no ACME_EMAIL in ${folder}/console/.env: certificates are ordered for admin@console.test`,
    'note     devops.console.test has no address yet',
    'note     api.console.test leads to 203.0.113.9, which is no address of this host',
  ])
    expect(before).toContain(told)
  expect(before).not.toMatch(/certificate of|admin\.console\.test leads/)

  aDocker({ runs: 'gateway 0.0.0.0:443->8443/tcp' })
  writeFileSync(join(folder, 'console/letsencrypt/acme.json'), '{ "domain": {\n  "main": "api.console.test"\n} }')
  const running = deploy('check').said
  for (const told of [
    'ok       certificate of api.console.test',
    'note     no certificate of admin.console.test yet, and nothing answers at its port 443 from here',
    'note     no certificate of devops.console.test yet: deploy.sh logs gateway says why',
  ])
    expect(running).toContain(told)
  writeFileSync(join(folder, 'console/.env'), acme.replace('443', '8443'))
  expect(deploy('check').said).toContain('at port 443, and the gateway has 8443')
})

it.each([
  ['nothing', undefined, [], 'missing  DOMAIN: name your domain with --domain; '],
  ['an empty one', 'DOMAIN=\n', ['--domain', 'console.test'], 'missing  DOMAIN in '],
  ['a sample', 'DOMAIN=example.com\n', [], 'missing  a domain of yours as DOMAIN in '],
  ['another one', 'DOMAIN=console.test\n', ['--domain', 'other.test'], 'missing  one domain: --domain says other.test, and DOMAIN in '],
  [
    'another gateway',
    'DOMAIN=console.test\n',
    ['--gateway', 'local'],
    'missing  one way to reach it: --gateway says local, and GATEWAY in ',
  ],
])('says plainly what of the domain is missing: %s', (_, settings, args, told) => {
  aDocker()
  mkdirSync(join(folder, 'console'))
  if (settings !== undefined) writeFileSync(join(folder, 'console/.env'), `${settings}GATEWAY=certificate\n`)
  const { status, said } = deploy('check', ...args)
  expect([status, said]).toEqual([1, expect.stringContaining(told)])
  expect(said).not.toMatch(/(devops|admin|api)\. |@ *$/m)
})

const provider = 'OIDC_ISSUER=https://login.test/tenant\nOIDC_CLIENT_ID=console\n'

it.each([
  [
    'a name alone',
    'OIDC_NAME=Example\n',
    '',
    /missing {2}OIDC_ISSUER in [\s\S]*missing {2}OIDC_CLIENT_ID in [\s\S]*missing {2}the secret of/,
  ],
  ['a secret alone', '', 'secret', /missing {2}OIDC_ISSUER in \S+: a sign-in provider needs it, and there is \S+oidc_client_secret/],
  ['no secret', provider, '', /missing {2}the secret of the client in \S+oidc_client_secret/],
  ['the secret among the settings', `${provider}OIDC_CLIENT_SECRET=s\n`, 's', /missing {2}OIDC_CLIENT_SECRET belongs into/],
  ['a provider that is asked in the open', provider.replace('https', 'http'), 's', /missing {2}OIDC_ISSUER in .* must be an https address/],
  ['an address with a query', provider.replace('tenant', 'tenant?a=b'), 's', /missing {2}OIDC_ISSUER in .* without query/],
  ['a long name', `${provider}OIDC_NAME=${'é'.repeat(41)}\n`, 's', /missing {2}OIDC_NAME in .* at most 40/],
])('lets nobody sign in at a provider with %s', (_, settings, secret, told) => {
  aDocker()
  aConsole(`DOMAIN=console.test\nGATEWAY=local\n${settings}`, { oidc_client_secret: secret })
  expect(deploy('check')).toMatchObject({ status: 1, said: expect.stringMatching(told) })
})

it('takes a provider with its secret in the file, or in the vault', () => {
  aDocker()
  for (const [more, secret] of [
    ['', 'secret'],
    ['AZURE_KEY_VAULT_URL=https://v.vault.azure.net\n', ''],
  ] as const) {
    aConsole(`DOMAIN=console.test\nGATEWAY=local\n${provider}OIDC_NAME=${'é'.repeat(40)}\n${more}`, { oidc_client_secret: secret })
    expect(deploy('check').said).not.toMatch(/missing.*(OIDC|oidc)/)
  }
})

it('reads settings as text: a command in them does not run', () => {
  aDocker()
  mkdirSync(join(folder, 'console'))
  writeFileSync(join(folder, 'console/.env'), `DOMAIN=$(touch ${folder}/ran)\nGATEWAY=local\n`)
  deploy('check')
  expect(existsSync(join(folder, 'ran'))).toBe(false)
})

it('needs a domain at the first run, and an answer before it starts anything', () => {
  aDocker()
  expect(deploy('up', '--dry-run')).toMatchObject({ status: 1, said: expect.stringContaining('--domain') })
  expect(calls()).toEqual([])
})

it.each(['status', 'logs', 'stop', 'uninstall'])('says of %s that nothing is installed where nothing is, and asks nobody', (verb) => {
  aDocker()
  expect(deploy(verb)).toMatchObject({ status: 1, said: expect.stringMatching(/(no version|nothing) is installed from \//) })
  expect(calls().filter((call) => / (ps|logs|stop|down) /.test(call))).toEqual([])
})

it('starts nothing by settings that are wrong, and stops what was started by others', () => {
  aDocker()
  mkdirSync(join(folder, 'console/state'), { recursive: true })
  writeFileSync(join(folder, 'console/state/current.yaml'), '')
  secretsOfBefore()
  writeFileSync(join(folder, 'console/.env'), 'DOMAIN=console.test\nGATEWAY=local\nHERMES_PUBLIC=yes\n')
  for (const verb of ['check', 'up'])
    expect(deploy(verb, '--dry-run')).toMatchObject({ status: 1, said: expect.stringContaining('HERMES_PUBLIC') })
  expect(deploy('stop')).toMatchObject({ status: 0, said: '' })
  expect(calls().filter((call) => /^compose .* (up|stop) /.test(call))).toEqual([expect.stringContaining('current.yaml stop')])
})

describeNeeding('root', 'an upgrade', () => {
  const parts = ['platform-service', 'devops-backend', 'devops-web', 'admin-web', 'docker-proxy']
  const upgrade = (docker: { sick?: string }) => {
    aDocker(docker)
    secretsOfBefore()
    mkdirSync(join(folder, 'console/state'), { recursive: true })
    writeFileSync(join(folder, 'console/state/current.yaml'), '')
    const places = [`CONSOLE_KEYS_DIR=${folder}/keys`, `AGENT_SOCKET_DIR=${folder}/agent`]
    writeFileSync(join(folder, 'console/.env'), ['DOMAIN=localhost', 'GATEWAY=local', ...places, ''].join('\n'))
    return deploy('up', '--yes', '--no-backup')
  }
  const started = (): string[] =>
    calls().flatMap((call) => {
      const [, version, part] = /^compose .*state\/([a-z]+)\.yaml up --detach .*?(?:--wait-timeout [0-9]+ )?(\S+)$/.exec(call) ?? []
      return version ? [`${version} ${part}`] : []
    })

  it('replaces one part after the other, each well before the next one is touched, and looks at all of them in the end', () => {
    expect(upgrade({})).toMatchObject({ status: 0, said: expect.stringContaining('is well') })
    expect(started()).toEqual(['keys', ...parts, '--remove-orphans'].map((part) => `next ${part}`))
    for (const part of parts) expect(calls().find((call) => call.endsWith(` ${part}`))).toContain('--no-deps --wait ')
  })

  it('touches no part after one that does not get well, and goes back', () => {
    expect(upgrade({ sick: 'devops-backend' })).toMatchObject({
      status: 1,
      said: expect.stringContaining('the version before was started again'),
    })
    expect(started()).toEqual([...['keys', 'platform-service', 'devops-backend'].map((part) => `next ${part}`), 'current --remove-orphans'])
  })
})

it('makes no backup where nothing is installed, and restores no file that is not there', () => {
  aDocker()
  expect(deploy('backup')).toMatchObject({ status: 1, said: expect.stringContaining('no version that makes backups is installed') })
  expect(deploy('restore', join(folder, 'none.backup'))).toMatchObject({ status: 1, said: expect.stringContaining('is no file') })
  expect(calls().filter((call) => call.includes(' run '))).toEqual([])
})

it.each(['up', 'rollback'])('ends a restore that was interrupted before %s starts a part, and starts none where it cannot', (verb) => {
  const console = join(folder, 'console')
  for (const name of ['state', 'backups']) mkdirSync(join(console, name), { recursive: true })
  writeFileSync(
    join(console, '.env'),
    `DOMAIN=console.test\nGATEWAY=local\nCONSOLE_KEYS_DIR=${folder}/keys\nAGENT_SOCKET_DIR=${folder}/agent\n`,
  )
  secretsOfBefore()
  for (const name of ['current', 'previous']) writeFileSync(join(console, `state/${name}.yaml`), 'services:\n  backups:\n')
  const asked = () =>
    calls().flatMap((call) => (/ (run|up|start) /.test(call) ? [/ (finish|make|up|start|store:migrate)\b/.exec(call)?.[1]] : []))
  const trial = (docker: object) => {
    rmSync(join(folder, 'calls'), { force: true })
    aDocker(docker)
    return deploy(verb, '--yes', '--no-backup')
  }
  expect([trial({}).status, asked()[0]]).toEqual([0, verb === 'up' ? 'store:migrate' : 'up'])
  writeFileSync(join(console, 'backups/restoring.plan'), '{}')
  expect([trial({}).status, asked()[0]]).toEqual([0, 'finish'])
  expect(trial({ finishes: false })).toMatchObject({ status: 1, said: expect.stringContaining('can be neither finished nor undone') })
  expect(asked()).toEqual(['finish'])
})

it('makes an archive from which a host without internet loads what elsewhere is built, unless it was changed', () => {
  aDocker()
  const archive = join(folder, 'console.tar.gz')
  const made = deploy('bundle', archive)
  expect(made).toMatchObject({ status: 0, said: expect.stringMatching(/made .*console.tar.gz: [0-9]+ bytes/) })
  expect(made.said).toContain(`SHA-256 ${createHash('sha256').update(readFileSync(archive)).digest('hex')}: before it is unpacked`)
  const saved = calls().find((call) => call.startsWith('save')) ?? ''
  for (const image of ['console-bundle/docker-proxy:', 'console-bundle/admin-web:', 'traefik:v3.7']) expect(saved).toContain(image)
  expect(deploy('bundle', archive)).toMatchObject({ status: 1, said: expect.stringContaining('is there already') })

  spawnSync('tar', ['-xzf', archive, '-C', folder])
  rmSync(join(folder, 'calls'))
  const up = () => deployFrom(join(folder, 'console'), '--dir', join(folder, 'kept'), '--dry-run', '--domain', 'console.test')
  const { status, said } = up()
  expect([status, said]).toEqual([0, expect.stringContaining('would run: docker load')])
  expect(said).toMatch(/docker tag console-bundle\/devops-web:\S+ bytelyst-console\/devops-web:/)
  expect(said).not.toContain('building')
  writeFileSync(join(folder, 'console/images.tar'), 'others\n')
  expect(up()).toMatchObject({ status: 1, said: expect.stringContaining('images.tar is not what was bundled') })
})
