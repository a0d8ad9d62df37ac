import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { expect, it } from 'vitest'
import { aConsole, aDocker, aProgram, deploy, deployFrom, folder, hosted, inFolders } from './console-place.ts'

inFolders()

it.each([
  ['HOST_NAME="a host"', 'HOST_NAME in'],
  ["HOST_NAME='host'", 'HOST_NAME in'],
  ['HOST_NAME=host # of mine', 'HOST_NAME in'],
  ['HOST_NAME= host', 'HOST_NAME in'],
  ['HOST_NAME=host ', 'HOST_NAME in'],
  ['HOST_NAME=$HOME', 'HOST_NAME in'],
  ['HOST_NAME=host\r', 'HOST_NAME in'],
  ['export HOST_NAME=host', 'NAME=value in line 3 of'],
  ['HOST_NAME: host', 'NAME=value in line 3 of'],
  ['DOMAIN=Console.test', 'DOMAIN in'],
  ['DOMAIN=https://console.test', 'DOMAIN in'],
  ['DOMAIN=console.test`) || Host(`other.test', 'DOMAIN in'],
])('starts nothing by a line that compose would read otherwise, or that is no setting: %j', (line, told) => {
  aDocker()
  aConsole(`${hosted}${line}\n`)
  expect(deploy('check')).toMatchObject({ status: 1, said: expect.stringContaining(`missing  ${told}`) })
})

it('takes values with spaces, signs and without an end of line, and comments of their own line', () => {
  aDocker()
  aConsole(`# my settings\n\n  # more\n${hosted}HOST_NAME=O'Neil's host, a#1\nEMPTY=\nPRODUCT_NAME=Console of all`)
  expect(deploy('check').said.replaceAll(/missing {2}\S+, owned by uid.*\n/g, '')).not.toContain('missing')
})

it('misses what builds images, where it has to build them', () => {
  aDocker()
  aConsole(hosted)
  aProgram('docker', readFileSync(join(folder, 'bin/docker'), 'utf8').replace('case "$*" in', 'case "$*" in\n"buildx version") exit 1 ;;'))
  expect(deploy('check')).toMatchObject({ status: 1, said: expect.stringContaining('missing  docker buildx') })
})

it('tells of an account of the host that could look into the parts', () => {
  aDocker()
  aConsole(hosted)
  aProgram('getent', '#!/bin/sh\n[ "$1 $2" = "passwd 1001" ] && echo "second:x:1001:1001::/:/bin/sh"\n')
  expect(deploy('check').said).toContain('is the account second of this host')
  aProgram('getent', '#!/bin/sh\nexit 2\n')
  expect(deploy('check').said).not.toContain('is the account')
})

it('tells of a name that leads browsers to IPv6, where the gateway does not listen', () => {
  aDocker()
  aConsole('DOMAIN=console.test\nGATEWAY=certificate\nGATEWAY_HTTP_PORT=11\nGATEWAY_HTTPS_PORT=12\n')
  aProgram(
    'getent',
    '#!/bin/sh\ncase "$1 $2" in "ahostsv6 api."*) echo "2001:db8::7 STREAM" ;; ahostsv6*) echo "::ffff:203.0.113.9 STREAM" ;; hosts*) echo "203.0.113.9 $2" ;; *) exit 2 ;; esac\n',
  )
  expect(deploy('check').said.match(/\S+ has an address of IPv6/g)).toEqual(['api.console.test has an address of IPv6'])
})

it.each([
  ['GATEWAY_HTTPS_PORT=https', 'GATEWAY_HTTPS_PORT in'],
  ['GATEWAY_HTTP_PORT=0', 'GATEWAY_HTTP_PORT in'],
  ['PUBLIC_HTTPS_PORT=65536', 'PUBLIC_HTTPS_PORT in'],
  ['PUBLIC_HTTPS_PORT=:8443', 'PUBLIC_HTTPS_PORT in'],
  ['GATEWAY_HTTPS_PORT=80', 'GATEWAY_HTTP_PORT and GATEWAY_HTTPS_PORT in'],
  ['PUBLIC_HTTPS_PORT=80', 'a PUBLIC_HTTPS_PORT other than 80 in'],
])('starts nothing at a port that is none, or that has two uses: %s', (line, told) => {
  aDocker()
  aConsole(`DOMAIN=console.test\nGATEWAY=behind\n${line}\n`)
  expect(deploy('check')).toMatchObject({ status: 1, said: expect.stringContaining(`missing  ${told}`) })
})

it.each([
  ['certificate', '', undefined],
  ['certificate', 'GATEWAY_HTTPS_PORT=8443', 8443],
  ['certificate', 'GATEWAY_HTTPS_PORT=8443\nPUBLIC_HTTPS_PORT=443', undefined],
  ['acme', 'GATEWAY_HTTPS_PORT=8443', undefined],
  ['acme', 'GATEWAY_HTTPS_PORT=8443\nPUBLIC_HTTPS_PORT=8443', 8443],
  ['behind', 'GATEWAY_HTTPS_PORT=8443', undefined],
  ['proxy', 'PUBLIC_HTTPS_PORT=9443', 9443],
])('says at which port browsers reach a console by %s with %j, and at none else', (mode, lines, port) => {
  aDocker()
  aConsole(`DOMAIN=console.test\nGATEWAY=${mode}\n${lines}\n`)
  const [, told] = /browsers reach it at port (\d+), https:\/\/devops\.console\.test:\1,/.exec(deploy('check').said) ?? []
  expect(told).toBe(port === undefined ? undefined : String(port))
})

it('loads no bundle that was made for other machines', () => {
  const docker = (arch: string) => {
    aDocker()
    const text = readFileSync(join(folder, 'bin/docker'), 'utf8')
    aProgram('docker', text.replace('case "$*" in', `case "$*" in\nversion*Arch*) echo ${arch} ;;`))
  }
  docker('arm64')
  expect(deploy('bundle', join(folder, 'console.tar.gz')).status).toBe(0)
  spawnSync('tar', ['-xzf', join(folder, 'console.tar.gz'), '-C', folder])
  const up = () => deployFrom(join(folder, 'console'), '--dir', join(folder, 'kept'), '--dry-run', '--domain', 'console.test')
  expect(up().said).toContain('would run: docker load')
  docker('amd64')
  expect(up()).toMatchObject({ status: 1, said: expect.stringContaining('this bundle was made for arm64, and the engine here is amd64') })
})

describeNeeding('root', 'what up makes', () => {
  const settings = () => `${hosted}CONSOLE_KEYS_DIR=${folder}/keys\nAGENT_SOCKET_DIR=${folder}/agent\n`
  const secret = (name: string) => join(folder, 'console/secrets', name)

  it('is no new key where an old one locked something', () => {
    aDocker()
    aConsole(settings())
    expect(deploy('up', '--yes').status).toBe(0)
    const before = readFileSync(secret('devops_encryption_key'), 'utf8')
    rmSync(secret('platform_encryption_key'))
    expect(deploy('up', '--yes')).toMatchObject({ status: 1, said: expect.stringMatching(/platform_encryption_key is gone: put it back/) })
    expect(readFileSync(secret('devops_encryption_key'), 'utf8')).toBe(before)
    writeFileSync(secret('platform_encryption_key'), '', { mode: 0o400 })
    chownSync(secret('platform_encryption_key'), 1001, 1001)
    expect(deploy('up', '--yes')).toMatchObject({ status: 1, said: expect.stringMatching(/platform_encryption_key: it is empty/) })
  })

  it('gives the parts the folder of keys that host-agent made before them, and its key, which is believed there', () => {
    aDocker()
    aConsole(settings())
    mkdirSync(join(folder, 'keys'))
    writeFileSync(join(folder, 'keys/host-agent.jwk'), '{}', { mode: 0o644 })
    expect(deploy('up', '--yes').status).toBe(0)
    for (const path of ['keys', 'keys/host-agent.jwk']) expect([path, statSync(join(folder, path)).uid]).toEqual([path, 1001])
  })
})

it('has a line for each point of the list for a console in earnest, and is no refusal of any', async () => {
  aDocker()
  const socket = join(folder, 'engine.sock')
  const engine = createServer().listen(socket)
  await once(engine, 'listening')
  aConsole(`${hosted}DOCKER_SOCKET=${socket}\n`)
  chmodSync(socket, 0o660)
  const lines = (word: string): string => (deploy('check').said.match(new RegExp(`^${word} .*$`, 'gm')) ?? []).join('\n')
  aProgram('getent', '#!/bin/sh\nexit 2\n')
  expect(lines('note')).toContain('no mail server in')
  expect(lines('note')).toContain('there is no backup of the whole console')
  expect(lines('ok')).toContain('nobody but root may ask the engine')
  expect(lines('see to')).toMatch(/closed at the provider[\s\S]*two people are admins[\s\S]*SCRIPT_ROOTS/)
  expect(lines('see to')).toContain('the encryption keys of')

  mkdirSync(join(folder, 'console/backups'), { recursive: true })
  writeFileSync(join(folder, 'console/backups/console-20260102T030405Z.backup'), '')
  writeFileSync(join(folder, 'console/secrets/smtp_url'), 'smtp://mail.test')
  expect(lines('ok')).toMatch(/^ok +a backup of \d{4}-\d\d-\d\d$/m)
  expect(lines('ok')).toMatch(/^ok +mail$/m)

  const env = join(folder, 'console/.env')
  chmodSync(env, 0o622)
  expect(lines('note')).toContain(env)
  const gid = statSync(socket).gid
  aProgram('getent', `#!/bin/sh\n[ "$1" = group ] && echo "docker:x:${gid}:ada,grace" || echo "linus:x:1000:${gid}::/:/bin/sh"\n`)
  expect(lines('note')).toContain('owns this host, and these may: ada grace linus')
  chmodSync(socket, 0o666)
  expect(lines('note')).toContain(`everybody may: ${socket} is open to all`)
  engine.close()
})
