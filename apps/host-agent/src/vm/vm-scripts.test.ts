import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseHealthReport } from './health-report.ts'
import { knownScripts } from './known-scripts.ts'
import { runVmScript } from './run-script.ts'

const folder = join(import.meta.dirname, '../../../../vm')
const dir = mkdtempSync(join(tmpdir(), 'vm-own-'))
const script = (name: string, ...args: string[]) =>
  spawnSync('/bin/bash', [join(folder, name), ...args], { encoding: 'utf8', timeout: 60_000 })
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0

afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('the scripts of the VM', () => {
  it('are all known to the agent', () => {
    expect(Object.keys(knownScripts).sort()).toEqual(
      readdirSync(folder)
        .filter((name) => name.endsWith('.sh'))
        .sort(),
    )
  })

  it.skipIf(!hasShellcheck)(
    'are clean to shellcheck',
    () => {
      const { status, stdout } = spawnSync(
        'shellcheck',
        Object.keys(knownScripts).map((name) => join(folder, name)),
        { encoding: 'utf8' },
      )
      expect([status, stdout]).toEqual([0, ''])
    },
    60_000,
  )

  it('are read as bash reads them, without an error', () => {
    for (const name of Object.keys(knownScripts)) {
      const { status, stderr } = spawnSync('/bin/bash', ['-n', join(folder, name)], { encoding: 'utf8' })
      expect([name, status, stderr]).toEqual([name, 0, ''])
    }
  })
})

describe('the health check of the VM', () => {
  it('tells of this machine what its files say', async () => {
    const scripts = { folder, known: knownScripts, dir, inUnit: false }
    const order = { name: 'vm-health-check.sh', args: ['--json'], timeoutMs: 100_000, mostBytes: 262_144, statuses: [0, 1] } as const
    const { host, checks } = parseHealthReport((await runVmScript(scripts, order)).text)
    expect(host.name).toBe(readFileSync('/proc/sys/kernel/hostname', 'utf8').trim())
    expect(host.kernel).toBe(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim())
    const byId = new Map(checks.map((check) => [check.id, check]))
    expect(byId.get('disk:/')?.measured).toMatch(/^[0-9]+ % used, [0-9.]+ [KMGT]iB free$/)
    expect(byId.get('memory')?.measured).toMatch(/ of [0-9.]+ [MGT]iB available$/)
    for (const id of ['root', 'load', 'units', 'reboot', 'updates', 'clock']) expect([id, byId.has(id)]).toEqual([id, true])
    for (const { status, title, advice } of checks) if (status === 'fail') expect([title, advice === '']).toEqual([title, false])
  }, 120_000)

  it('takes nothing but its two words', () => {
    for (const args of [['--fix'], ['--json', '--log'], ['-x'], ['--json=1']]) {
      const { status, stdout, stderr } = script('vm-health-check.sh', ...args)
      expect([status, stdout, stderr.startsWith('usage:')]).toEqual([2, '', true])
    }
  })
})
