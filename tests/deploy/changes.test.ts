import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { expect, it } from 'vitest'
import { root } from '../source-files.ts'
import { aConsole, aDocker, aProgram, calls, deploy, folder, inFolders, secretsOfBefore } from './console-place.ts'

inFolders()

const numbers = { previous: '20260101-000001', current: '20260101-000002', next: '20260101-000003' }
const gateway = '  gateway:\n    container_name: gateway\n'
/** A console with two versions. @param more what stands in the file of the one before */
function twoVersions({ mode = 'local', more = '' } = {}): void {
  aConsole(`DOMAIN=console.test\nGATEWAY=${mode}\nCONSOLE_KEYS_DIR=${folder}/keys\nAGENT_SOCKET_DIR=${folder}/agent\n`)
  secretsOfBefore()
  for (const name of ['previous', 'current'] as const)
    writeFileSync(join(folder, `console/state/${name}.yaml`), `${versionFile(name)}${name === 'previous' ? more : ''}`)
}
const versionFile = (name: keyof typeof numbers) =>
  `services:\n  platform-service:\n    image: bytelyst-console/platform-service:${numbers[name]}\n`
const numberIn = (name: string) => /:([0-9]{8}-[0-9]{6})/.exec(readFileSync(join(folder, `console/state/${name}.yaml`), 'utf8'))?.[1]
/** What parts of which version were made or started, in order. */
const touched = (): string[] => calls().flatMap((call) => /state\/([a-z]+)\.yaml (?:up|start|stop|down) /.exec(call)?.[1] ?? [])
const upgrade = (...args: string[]) => deploy('up', '--yes', '--no-backup', ...args)

describeNeeding('root', 'an upgrade', () => {
  it('has each service try its settings and its migrations, and each dashboard its settings, before anything is touched', () => {
    twoVersions()
    aDocker({ copies: false })
    expect(upgrade()).toMatchObject({ status: 1, said: expect.stringContaining('nothing was changed') })
    expect([touched(), numberIn('current')]).toEqual([[], numbers.current])
    expect(existsSync(join(folder, 'console/state/replacing'))).toBe(false)

    rmSync(join(folder, 'calls'))
    aDocker()
    expect(upgrade().status).toBe(0)
    const tried = calls().flatMap(
      (call) => /next\.yaml run .*? (platform-service|devops-backend|devops-web|admin-web) /.exec(call)?.[1] ?? [],
    )
    expect(tried).toEqual(['platform-service', 'devops-backend', 'devops-web', 'admin-web'])
    const first = calls().findIndex((call) => call.includes(' up --detach'))
    expect(
      calls()
        .slice(first)
        .filter((call) => call.includes(' run ')),
    ).toEqual([])
    expect([numberIn('previous'), (numberIn('current') ?? '') > numbers.next]).toEqual([numbers.current, true])
  })

  it('takes settings from their file, and not from the shell that runs it', () => {
    twoVersions()
    aDocker()
    const docker = readFileSync(join(folder, 'bin/docker'), 'utf8')
    aProgram('docker', docker.replace('case "$*" in', 'case "$*" in\n*" config") echo "$STORE,$DOMAIN" >>$HOME/shell ;;'))
    const env = { PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder, STORE: 'cosmos', DOMAIN: 'other.test' }
    spawnSync('bash', [join(root, 'deploy/deploy.sh'), '--dir', join(folder, 'console'), 'up', '--yes', '--no-backup'], { env })
    expect(readFileSync(join(folder, 'shell'), 'utf8')).toBe(',\n')
  })

  it('that was ended halfway is told of, and going back leads to the version that it was to replace', () => {
    twoVersions()
    aDocker({ kills: 'devops-web' })
    expect(upgrade().status).toBe(null)
    aDocker()
    expect(deploy('status').said).toContain('was interrupted')
    rmSync(join(folder, 'calls'))
    expect(deploy('rollback', '--yes')).toMatchObject({ status: 0, said: expect.stringContaining(`version ${numbers.current} is well`) })
    expect(new Set(touched())).toEqual(new Set(['current']))
    expect([numberIn('previous'), numberIn('current')]).toEqual([numbers.previous, numbers.current])
    expect(deploy('status').said).not.toContain('interrupted')
    expect(deploy('rollback', '--yes').said).toContain(`version ${numbers.previous} is well`)
  })

  it('that was ended halfway is healed by the next one', () => {
    twoVersions()
    aDocker({ kills: 'devops-web' })
    upgrade()
    aDocker()
    expect(upgrade()).toMatchObject({ status: 0, said: expect.stringContaining('is well') })
    expect(numberIn('previous')).toBe(numbers.current)
    expect(readdirSync(join(folder, 'console/state')).filter((name) => !name.endsWith('.yaml'))).toEqual(['made'])
  })
})

it('goes back, and forth again', () => {
  twoVersions()
  aDocker()
  for (const wanted of ['previous', 'current', 'previous'] as const) {
    expect(deploy('rollback', '--yes')).toMatchObject({ status: 0, said: expect.stringContaining(`version ${numbers[wanted]} is well`) })
    expect(numberIn('current')).toBe(numbers[wanted])
  }
})

it('starts the version that ran again where the one before does not get well', () => {
  twoVersions()
  aDocker({ sick: 'previous.yaml' })
  expect(deploy('rollback', '--yes')).toMatchObject({
    status: 1,
    said: expect.stringContaining(`version ${numbers.current}, which ran before, was started again and is well`),
  })
  expect([touched().at(-1), numberIn('current'), numberIn('previous')]).toEqual(['current', numbers.current, numbers.previous])
})

it('goes back to no version whose images are gone, and touches nothing', () => {
  twoVersions()
  aDocker({ known: false })
  expect(deploy('rollback', '--yes')).toMatchObject({
    status: 1,
    said: expect.stringContaining(`images of version ${numbers.previous} are gone`),
  })
  expect(touched()).toEqual([])
})

it('starts, stops and takes away the gateway that a version came with, whatever the settings say by now', () => {
  twoVersions({ mode: 'proxy', more: gateway })
  aDocker()
  expect(deploy('rollback', '--yes').status).toBe(0)
  expect(calls().find((call) => call.includes('previous.yaml ps '))).toMatch(/ gateway$/)
  deploy('stop')
  deploy('uninstall', '--yes')
  const profiles = readFileSync(join(folder, 'bin/profiles'), 'utf8').split('\n')
  for (const what of ['previous.yaml up --detach', 'current.yaml stop', 'current.yaml down'])
    expect(profiles.find((line) => line.includes(what))).toMatch(/^gateway /)
})

it('lets one change it at a time, and everybody look', async () => {
  twoVersions()
  aDocker()
  const other = spawn('flock', [join(folder, 'console'), 'sh', '-c', 'echo held; exec sleep 60'])
  try {
    await new Promise((held) => other.stdout.once('data', held))
    for (const verb of [['stop'], ['rollback', '--yes'], ['uninstall', '--yes']])
      expect(deploy(...verb, '--wait', '1')).toMatchObject({ status: 1, said: expect.stringContaining('nothing was done') })
    expect(touched()).toEqual([])
    expect(deploy('status').status).toBe(0)
    expect(deploy('rollback', '--dry-run').said).toContain(`would start version ${numbers.previous}`)
  } finally {
    other.kill()
  }
})
