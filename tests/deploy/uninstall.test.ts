import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { expect, it } from 'vitest'
import { aDocker, calls, deploy, folder, inFolders } from './console-place.ts'

inFolders()

const at = (path: string): string => join(folder, path)
const settings = () => `DOMAIN=console.test\nGATEWAY=local\nCONSOLE_KEYS_DIR=${at('keys')}\nAGENT_SOCKET_DIR=${at('agent')}\n`
const keys = ['platform-service.jwk', 'platform-service.jwks', 'devops-backend.jwk', 'docker-proxy.jwk']

/** A console that was brought up here, with what its parts and its operator add, in a place where some of it was before. */
function aConsoleThatRan({ before = [] as readonly ('keys' | 'agent' | 'network')[] } = {}): void {
  aDocker()
  for (const name of before)
    if (name === 'network') writeFileSync(at('network'), 'theirs\n')
    else mkdirSync(at(name))
  mkdirSync(at('console/tls'), { recursive: true })
  writeFileSync(at('console/.env'), settings())
  expect(deploy('up', '--yes')).toMatchObject({ status: 0, said: expect.stringContaining('is well') })
  for (const name of keys) writeFileSync(at(`keys/${name}`), '{}')
  writeFileSync(at('console/tls/key.pem'), 'key')
  writeFileSync(at('console/backups/console-1.backup'), 'kept')
}
const left = (): string[] =>
  readdirSync(folder)
    .filter((name) => !['bin', 'calls'].includes(name))
    .sort()

describeNeeding('root', 'uninstall', () => {
  it('leaves settings, secrets, keys and network for the next start, unless it is to purge', () => {
    aConsoleThatRan()
    expect(deploy('uninstall', '--yes').status).toBe(0)
    expect([left(), readdirSync(at('keys')).sort()]).toEqual([['agent', 'console', 'keys', 'network'], [...keys].sort()])
    expect(readdirSync(at('console')).sort()).toEqual(['.env', 'backups', 'secrets', 'state', 'tls', 'tokens'])
    expect(calls().find((call) => call.includes(' down '))).not.toContain('--volumes')
  })

  it('says what will be lost before it purges, and removes nothing without a yes', () => {
    aConsoleThatRan()
    const { status, said } = deploy('uninstall', '--purge')
    expect([status, said]).toEqual([1, expect.stringContaining('needs your yes')])
    for (const lost of [
      'images and volumes of bytelyst-console',
      at('console/secrets'),
      at('console/tls'),
      at('keys'),
      'the network learning',
    ])
      expect(said).toContain(lost)
    expect([left(), calls().filter((call) => / (down|rm) /.test(call))]).toEqual([['agent', 'console', 'keys', 'network'], []])
    expect(deploy('uninstall', '--purge', '--dry-run').status).toBe(0)
    expect([left(), readdirSync(at('console')).length]).toEqual([['agent', 'console', 'keys', 'network'], 6])
  })

  it('purges all that was made for the console: keys, network, folders, settings, secrets and certificates, and leaves the backups', () => {
    aConsoleThatRan()
    const { status, said } = deploy('uninstall', '--purge', '--yes')
    expect([status, said]).toEqual([0, expect.stringContaining('backups stay in')])
    expect(said).not.toContain('the network learning_ai_common_plat_default stays')
    expect([left(), readdirSync(at('console'))]).toEqual([['console'], ['backups']])
    expect(calls().find((call) => call.includes(' down '))).toContain('--volumes')
  })

  it('leaves what was there before it, and what others have in it', () => {
    aConsoleThatRan({ before: ['keys', 'agent', 'network'] })
    expect(deploy('uninstall', '--purge').said).not.toContain('the network')
    expect(deploy('uninstall', '--purge', '--yes').said).toContain('docker network rm learning_ai_common_plat_default')
    expect([left(), readdirSync(at('keys'))]).toEqual([['agent', 'console', 'keys', 'network'], []])
    expect(calls().filter((call) => call.startsWith('network rm'))).toEqual([])

    for (const name of ['keys', 'agent']) writeFileSync(at(`${name}/host-agent`), '')
    aConsoleThatRan({ before: [] })
    writeFileSync(at('network'), 'theirs\n')
    deploy('uninstall', '--purge', '--yes')
    expect([readdirSync(at('keys')), readdirSync(at('agent')), existsSync(at('network'))]).toEqual([['host-agent'], ['host-agent'], true])
  })

  it('leaves a network that it made, and others are on or made anew, and says so', () => {
    aConsoleThatRan()
    aDocker({ busyNetwork: true })
    expect(deploy('uninstall', '--purge', '--yes')).toMatchObject({ status: 0, said: expect.stringContaining('stays: others are on it') })
    rmSync(at('network'))
    aConsoleThatRan()
    writeFileSync(at('network'), 'made anew\n')
    expect(deploy('uninstall', '--purge').said).toContain('the network learning')
    expect(deploy('uninstall', '--purge', '--yes').status).toBe(0)
    expect(existsSync(at('network'))).toBe(true)
  })

  it('tells of the network of a console whose version wrote down nothing that it made', () => {
    aConsoleThatRan()
    rmSync(at('console/state/made'))
    const { status, said } = deploy('uninstall', '--purge', '--yes')
    expect([status, said]).toEqual([0, expect.stringMatching(/^the network learning_ai_common_plat_default stays: .*a version made it/m)])
    expect(existsSync(at('network'))).toBe(true)
  })

  it('purges a console that never started, too', () => {
    aDocker()
    mkdirSync(at('console'))
    writeFileSync(at('console/.env'), settings())
    expect(deploy('uninstall', '--yes')).toMatchObject({ status: 1, said: expect.stringContaining('nothing is installed') })
    expect(deploy('uninstall', '--purge', '--yes').status).toBe(0)
    expect(existsSync(at('console'))).toBe(false)
  })
})
