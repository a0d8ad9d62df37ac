import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { beforeEach, expect, it } from 'vitest'
import { root } from '../source-files.ts'
import { aConsole, aDocker, aProgram, calls, deployFrom, folder, inFolders, secretsOfBefore } from './console-place.ts'

describeNeeding('root', 'host-agent, whose log no restore puts back', () => {
  inFolders()
  const at = (...names: string[]) => join(folder, ...names)
  const told = () => (existsSync(at('agent-data/told')) ? readdirSync(at('agent-data/told')) : [])
  const unit = (keys: string) => writeFileSync(at('agent.service'), `[Service]\nEnvironment=DATA_DIR=/x\nEnvironment=KEYS_DIR=${keys}\n`)
  /** What the restore itself was told of host-agent. */
  const restored = (): string | undefined => {
    const { status, said } = deployFrom(at('source'), 'restore', at('one.backup'), '--yes')
    expect([status, said]).toEqual([0, expect.stringContaining('start it with deploy.sh up')])
    return calls()
      .filter((call) => call.includes(' backups restore '))
      .map((call) => call.split(' ').at(-1))
      .at(-1)
  }
  beforeEach(() => {
    // The same script, for a unit and a folder that are not this machine's.
    cpSync(join(root, 'deploy'), at('source/deploy'), { recursive: true })
    const script = at('source/deploy/backups.sh')
    const text = readFileSync(script, 'utf8')
    const moved = text
      .replace('agent_unit=/etc/systemd/system/console-host-agent.service', `agent_unit=${at('agent.service')}`)
      .replace('agent_data=/var/lib/bytelyst-agent/host-agent', `agent_data=${at('agent-data')}`)
    expect(moved.split(folder)).toHaveLength(3)
    writeFileSync(script, moved)
    aDocker()
    aProgram('systemctl', '#!/bin/sh\nexit 3\n')
    aConsole(`DOMAIN=console.test\nGATEWAY=local\nCONSOLE_KEYS_DIR=${at('keys')}\nAGENT_SOCKET_DIR=${at('agent')}\n`)
    secretsOfBefore()
    writeFileSync(at('console/state/current.yaml'), 'services:\n  backups:\n')
    writeFileSync(at('one.backup'), 'a backup')
    // As the container leaves it there.
    mkdirSync(at('console/backups/told'), { recursive: true })
    writeFileSync(at('console/backups/told/host-1.json'), '{}')
  })

  it('is told of it where it is on this host, and waited for while it runs', () => {
    unit(at('keys'))
    mkdirSync(at('agent-data'))
    expect([restored(), told(), readdirSync(at('console/backups/told'))]).toEqual(['here', ['host-1.json'], []])

    writeFileSync(at('console/backups/told/host-2.json'), '{}')
    aProgram('systemctl', `#!/bin/sh\nrm -f ${at('agent-data/told')}/host-*.json\n`)
    expect([restored(), told()]).toEqual(['here', []])
  })

  it('is none where no unit of root’s says so, and is told nothing by another console of this host', () => {
    expect([restored(), told()]).toEqual(['none', []])
    writeFileSync(at('console/backups/told/host-1.json'), '{}')
    mkdirSync(at('agent-data'))
    unit(at('keys-of-another'))
    expect([restored(), told()]).toEqual(['none', []])
  })

  it('is here as long as its folder or its unit is, so that it cannot take itself away', () => {
    unit(at('keys'))
    expect(restored()).toBe('here')
  })

  it('is brought files alone', () => {
    unit(at('keys'))
    mkdirSync(at('agent-data'))
    symlinkSync(at('one.backup'), at('console/backups/told/host-9.json'))
    expect([restored(), told()]).toEqual(['here', ['host-1.json']])
  })
})
