import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { root } from '../source-files.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-command-'))
  mkdirSync(join(folder, 'bin'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A docker that answers what the checks ask, and writes down each call. */
function aDocker({
  api = '1.41',
  compose = '2.29.0',
  sick = 'none',
  finishes = true,
  known = true,
  runs = '',
  running = false,
} = {}): void {
  const text = `#!/bin/sh
echo "$*" >>${folder}/calls
case "$*" in
  version*) echo ${api} ;;
  "compose version --short") echo ${compose} ;;
  info*) echo / ;;
  "ps --quiet"*) echo ${running ? 'id' : ''} ;;
  "ps --format"*) echo "${runs}" ;;
  "image inspect"*) exit ${known ? 0 : 1} ;;
  save*) echo images >"$3" ;;
  "network inspect -f"*) echo 172.30.0.0/16, ;;
  compose*" config") echo "image: bytelyst-console/platform-service:$CONSOLE_VERSION" ;;
  *" finish") exit ${finishes ? 0 : 1} ;;
  compose*next.yaml*" up "*" ${sick}") exit 1 ;;
esac
`
  aProgram('docker', text)
}
function aProgram(name: string, text: string): void {
  writeFileSync(join(folder, 'bin', name), text)
  chmodSync(join(folder, 'bin', name), 0o755)
}

const deploy = (...args: string[]) => deployFrom(root, ...args)

function deployFrom(source: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('bash', [join(source, 'deploy/deploy.sh'), '--dir', join(folder, 'console'), ...args], {
    encoding: 'utf8',
    env: { PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder },
  })
  return { status, said: `${stdout}${stderr}` }
}
const calls = (): string[] => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [])

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
    ['store'],
    ['store', 'copy'],
    ['store', 'copy', 'paper'],
    ['store', 'compare', 'cosmos'],
  ])
    expect([args, deploy(...args).status]).toEqual([args, 2])
  expect(readdirSync(folder)).toEqual(['bin'])
})

it('tells beforehand what it would do, and changes nothing', () => {
  aDocker()
  const { status, said } = deploy('up', '--dry-run', '--domain', 'console.test', '--gateway', 'local')
  expect([status, said]).toEqual([0, expect.stringContaining('with DOMAIN=console.test and GATEWAY=local')])
  for (const part of ['platform-service', 'devops-backend', 'docker-proxy', 'devops-web', 'admin-web'])
    expect(said).toContain(`--target ${part}`)
  expect(calls().filter((call) => !/^(version|info|ps|compose version|network inspect)/.test(call))).toEqual([])
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

const hosted = 'DOMAIN=console.test\nGATEWAY=local\n'
const account = 'COSMOS_ENDPOINT=https://a.documents.azure.com\n'
/** A console whose settings and secrets are these. */
function aConsole(settings: string, secrets: Readonly<Record<string, string>> = {}): void {
  for (const name of ['secrets', 'state']) mkdirSync(join(folder, 'console', name), { recursive: true })
  writeFileSync(join(folder, 'console/.env'), settings)
  for (const [name, text] of Object.entries(secrets)) writeFileSync(join(folder, 'console/secrets', name), text)
}

it.each([
  ['an account without a key', account, {}, /missing {2}a read-write key of the account in .*cosmos_key, or COSMOS_AUTH=entra/],
  ['a key without an account', '', { cosmos_key: 'key' }, /missing {2}COSMOS_ENDPOINT in /],
  ['the store without either', 'STORE=cosmos\n', {}, /missing {2}COSMOS_ENDPOINT in [\s\S]*missing {2}a read-write key/],
  ['a key beside tokens', `${account}COSMOS_AUTH=entra\n`, { cosmos_key: 'key' }, /missing {2}an empty .*cosmos_key: COSMOS_AUTH is entra/],
  ['a key among the settings', `${account}COSMOS_KEY=key\n`, {}, /missing {2}COSMOS_KEY belongs into .*cosmos_key/],
  [
    'an account that is asked in the open',
    'COSMOS_ENDPOINT=http://a.test\n',
    { cosmos_key: 'key' },
    /missing {2}COSMOS_ENDPOINT in .* https/,
  ],
  ['a store that there is none of', 'STORE=paper\n', {}, /missing {2}STORE in /],
  ['a way to sign in that there is none of', `${account}COSMOS_AUTH=me\n`, {}, /missing {2}COSMOS_AUTH in /],
  ['a database that can have no such name', `${account}COSMOS_DATABASE=a/b\n`, { cosmos_key: 'key' }, /missing {2}COSMOS_DATABASE in /],
  ['a vault that is asked in the open', 'AZURE_KEY_VAULT_URL=http://v.test\n', {}, /missing {2}AZURE_KEY_VAULT_URL in /],
  ['the secret of no client', 'AZURE_TENANT_ID=t\n', { azure_client_secret: 's' }, /missing {2}AZURE_CLIENT_ID in /],
  ['a client without its secret', 'AZURE_TENANT_ID=t\nAZURE_CLIENT_ID=c\n', {}, /missing {2}the secret of the client in /],
  ['that secret among the settings', 'AZURE_CLIENT_SECRET=s\n', {}, /missing {2}AZURE_CLIENT_SECRET belongs into /],
  ['tokens handed out in the open', 'AZURE_AUTHORITY_HOST=http://login.test\n', {}, /missing {2}AZURE_AUTHORITY_HOST in /],
  ['an authority that nobody can read', 'EXTRA_CA=/nowhere/ca.pem\n', {}, /missing {2}EXTRA_CA in /],
  [
    'a key of backups that is left to the vault',
    'AZURE_KEY_VAULT_URL=https://v.vault.azure.net\n',
    { platform_encryption_key: '' },
    /missing {2}a key in .*platform_encryption_key/,
  ],
])('starts nothing with %s', (_, settings, secrets, told) => {
  aDocker()
  aConsole(`${hosted}${settings}`, secrets)
  expect(deploy('check')).toMatchObject({ status: 1, said: expect.stringMatching(told) })
})

it('takes an account with a key, with tokens, and with a key from the vault', () => {
  aDocker()
  const said = (settings: string, secrets: Readonly<Record<string, string>>) => {
    rmSync(join(folder, 'console'), { recursive: true, force: true })
    aConsole(`${hosted}${account}${settings}`, secrets)
    return deploy('check').said.replaceAll(/missing {2}\S+, owned by uid.*\n/g, '')
  }
  const vault = 'AZURE_KEY_VAULT_URL=https://v.vault.azure.net\n'
  for (const told of [said('', { cosmos_key: 'key' }), said('COSMOS_AUTH=entra\n', {}), said(vault, {})])
    expect(told).not.toContain('missing')
  expect(said(vault, {})).not.toContain('missing')
})

const kept = (store: string) => `services:\n  backups:\n    environment:\n      KEPT_STORE: ${store}\n`
const told = (call: string) => /store:[a-z-]+( --to [a-z]+| exported.db)?| make /.exec(call)?.[0].trim()

it('has each service export its documents before a backup where they lie in Cosmos DB, and there alone', () => {
  aDocker()
  aConsole(`${hosted}${account}`)
  for (const [store, wanted] of [
    ['sqlite', ['make']],
    ['cosmos', ['store:export exported.db', 'store:export exported.db', 'make']],
  ] as const) {
    rmSync(join(folder, 'calls'), { force: true })
    writeFileSync(join(folder, 'console/state/current.yaml'), kept(store))
    expect(deploy('backup').status).toBe(0)
    const runs = calls().filter((call) => call.includes(' run '))
    expect(runs.map(told)).toEqual(wanted)
    for (const run of runs.slice(0, -1)) expect(run).toContain('--label traefik.enable=false')
  }
})

it('goes back to no version that keeps its documents elsewhere', () => {
  aDocker()
  aConsole(`${hosted}${account}`)
  writeFileSync(join(folder, 'console/state/current.yaml'), kept('cosmos'))
  writeFileSync(join(folder, 'console/state/previous.yaml'), kept('sqlite'))
  expect(deploy('rollback', '--yes')).toMatchObject({
    status: 1,
    said: expect.stringContaining('keeps its documents in another store, sqlite'),
  })
  expect(calls().filter((call) => / (up|start|run) /.test(call))).toEqual([])
})

describeNeeding('root', 'stores and Key Vault', () => {
  const version = 'image: bytelyst-console/platform-service:20260102-030405\n'
  it('copies documents by the settings of now, with the images of the version that is there, while nothing runs', () => {
    aDocker()
    aConsole(`${hosted}${account}`, { cosmos_key: 'key' })
    writeFileSync(join(folder, 'console/state/current.yaml'), version)
    expect(deploy('store', 'copy', 'cosmos')).toMatchObject({ status: 0, said: expect.stringContaining('write STORE=cosmos into') })
    const runs = calls().filter((call) => call.includes(' run '))
    expect(runs.map(told)).toEqual(['store:copy --to cosmos', 'store:copy --to cosmos'])
    for (const run of runs) expect(run).toContain('state/store.yaml')
    expect(readdirSync(join(folder, 'console/state'))).toEqual(['current.yaml'])
    expect(deploy('store', 'compare').status).toBe(0)
    expect(calls().flatMap((call) => (call.includes('store:compare') ? ['compare'] : []))).toHaveLength(2)
  })

  it('copies nothing while a part runs, or by half a setting', () => {
    aDocker({ running: true })
    aConsole(`${hosted}${account}`, { cosmos_key: 'key' })
    writeFileSync(join(folder, 'console/state/current.yaml'), version)
    expect(deploy('store', 'copy', 'cosmos')).toMatchObject({ status: 1, said: expect.stringContaining('deploy.sh stop first') })
    aDocker()
    aConsole(hosted, {})
    expect(deploy('store', 'copy', 'cosmos')).toMatchObject({ status: 1, said: expect.stringContaining('missing  COSMOS_ENDPOINT in') })
    expect(calls().filter((call) => call.includes(' run '))).toEqual([])
  })

  it('makes no secret that is left to Key Vault, and all others', () => {
    aDocker()
    aConsole(`${hosted}AZURE_KEY_VAULT_URL=https://v.vault.azure.net\nCONSOLE_KEYS_DIR=${folder}/keys\nAGENT_SOCKET_DIR=${folder}/agent\n`)
    deploy('up', '--yes')
    const made = (name: string) => readFileSync(join(folder, 'console/secrets', name), 'utf8').trim().length
    for (const name of ['jwt_secret', 'csrf_secret', 'cosmos_key']) expect([name, made(name)]).toEqual([name, 0])
    for (const name of ['platform_encryption_key', 'devops_encryption_key', 'setup_token'])
      expect([name, made(name) > 40]).toEqual([name, true])
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
  for (const name of ['current', 'previous']) writeFileSync(join(console, `state/${name}.yaml`), 'services:\n  backups:\n')
  const asked = () => calls().flatMap((call) => (/ (run|up|start) /.test(call) ? [/ (finish|make|up|start)\b/.exec(call)?.[1]] : []))
  const trial = (docker: object) => {
    rmSync(join(folder, 'calls'), { force: true })
    aDocker(docker)
    return deploy(verb, '--yes', '--no-backup')
  }
  expect([trial({}).status, asked()[0]]).toEqual([0, 'up'])
  writeFileSync(join(console, 'backups/restoring.plan'), '{}')
  expect([trial({}).status, asked()[0]]).toEqual([0, 'finish'])
  expect(trial({ finishes: false })).toMatchObject({ status: 1, said: expect.stringContaining('can be neither finished nor undone') })
  expect(asked()).toEqual(['finish'])
})

it('makes an archive from which a host without internet loads what elsewhere is built, unless it was changed', () => {
  aDocker()
  const archive = join(folder, 'console.tar.gz')
  expect(deploy('bundle', archive)).toMatchObject({ status: 0, said: expect.stringMatching(/made .*console.tar.gz: [0-9]+ bytes/) })
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
