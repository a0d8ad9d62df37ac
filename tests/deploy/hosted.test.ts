import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { expect, it } from 'vitest'
import { aConsole, account, aDocker, calls, deploy, folder, hosted, inFolders, secretsOfBefore } from './console-place.ts'

inFolders()

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
const told = (call: string) => /store:[a-z-]+( --to [a-z]+( --dry-run)?| exported.db)?| make /.exec(call)?.[0].trim()

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
    secretsOfBefore()
    writeFileSync(join(folder, 'console/state/current.yaml'), version)
    expect(deploy('store', 'copy', 'cosmos')).toMatchObject({ status: 0, said: expect.stringContaining('write STORE=cosmos into') })
    const runs = calls().filter((call) => call.includes(' run '))
    const [tried, copied] = ['store:copy --to cosmos --dry-run', 'store:copy --to cosmos']
    expect(runs.map(told)).toEqual([tried, tried, copied, copied])
    for (const run of runs) expect(run).toContain('state/store.yaml')
    expect(readdirSync(join(folder, 'console/state'))).toEqual(['current.yaml'])
    expect(deploy('store', 'compare').status).toBe(0)
    expect(calls().flatMap((call) => (call.includes('store:compare') ? ['compare'] : []))).toHaveLength(2)
  })

  it('says what a copy lacks, and what is in its way, before anything is written, and before the console must stop', () => {
    const copy = (docker: object) => {
      aDocker({ running: true, ...docker })
      rmSync(join(folder, 'calls'), { force: true })
      const { status, said } = deploy('store', 'copy', 'cosmos')
      return { status, said, runs: calls().flatMap((call) => (call.includes(' run ') ? [told(call)] : [])) }
    }
    aConsole(hosted)
    writeFileSync(join(folder, 'console/state/current.yaml'), version)
    const lacking = copy({})
    expect(lacking).toMatchObject({ status: 1, said: expect.stringContaining('nothing was done'), runs: [] })
    for (const missed of ['COSMOS_ENDPOINT in', 'a read-write key'])
      expect(lacking.said).toMatch(new RegExp(`missing {2}${missed} .*: store copy cosmos needs Cosmos DB`))
    expect(readdirSync(join(folder, 'console/secrets'))).toEqual([])

    aConsole(`${hosted}${account}`, { cosmos_key: 'key' })
    secretsOfBefore()
    const tried = 'store:copy --to cosmos --dry-run'
    expect(copy({ copies: false })).toMatchObject({
      status: 1,
      said: expect.stringContaining('it cannot be copied as it is; nothing was done'),
      runs: [tried],
    })
    expect(copy({})).toMatchObject({ status: 1, said: expect.stringContaining('deploy.sh stop first'), runs: [tried, tried] })
    expect(readdirSync(join(folder, 'console/state'))).toEqual(['current.yaml'])
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
