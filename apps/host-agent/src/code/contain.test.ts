import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { containedCommand, findNpm } from './contain.ts'

const isRoot = process.getuid?.() === 0
const account = isRoot ? { uid: 65_534, gid: 65_534 } : null
const canary = 'canary-of-the-host-2203'

describeNeeding('contained', 'the place of a check', () => {
  let base: string
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'contain-'))
    chmodSync(base, 0o755)
    for (const name of ['root', 'copy']) mkdirSync(join(base, name))
    if (account) chownSync(join(base, 'copy'), account.uid, account.gid)
  })
  afterEach(() => rmSync(base, { recursive: true, force: true }))

  /** What the check printed, when even what calls it had secrets in its environment. */
  const run = (program: string): string => {
    writeFileSync(join(base, 'copy/look.cjs'), program)
    writeFileSync(join(base, 'copy/package.json'), JSON.stringify({ name: 'look', version: '1.0.0', scripts: { lint: 'node look.cjs' } }))
    const npm = findNpm(process.execPath, null) ?? ''
    const { file, args } = containedCommand({
      root: join(base, 'root'),
      copy: join(base, 'copy'),
      node: process.execPath,
      npm,
      account,
      check: 'lint',
    })
    const { status, stdout, stderr } = spawnSync(file, args, {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', DATABASE_URL: canary },
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect([status, stderr]).toEqual([0, ''])
    return stdout
  }

  it('has nothing of the environment that it was called in', () => {
    const told = run('console.log(JSON.stringify(process.env))')
    expect(told).toContain('"HOME":"/tmp"')
    expect(told).not.toContain(canary)
  }, 60_000)

  it('has no root but its own: the host’s is not below it either', () => {
    writeFileSync(join(base, 'host'), canary, { mode: 0o644 })
    const told = run(`
      const fs = require('node:fs')
      const roots = fs.readFileSync('/proc/self/mountinfo', 'utf8').split('\\n').filter((line) => line.split(' ')[4] === '/')
      console.log('roots', roots.length)
      for (const up of ['', '/..', '/../..', '/proc/self/root', '/proc/1/root', '/proc/1/cwd'])
        try { console.log('read', fs.readFileSync(up + ${JSON.stringify(join(base, 'host'))}, 'utf8')) } catch { console.log('nothing', up) }
    `)
    expect(told).toContain('roots 1\n')
    expect(told.match(/^nothing/gm)).toHaveLength(6)
    expect(told).not.toContain(canary)
  }, 60_000)

  it('can get no right that it was not given', () => {
    const told = run(`console.log(require('node:fs').readFileSync('/proc/self/status', 'utf8'))`)
    const of = (name: string): string | undefined => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(told)?.[1]
    expect([of('NoNewPrivs'), of('CapBnd'), of('CapInh'), of('CapEff')]).toEqual(['1', ...Array.from({ length: 3 }, () => '0'.repeat(16))])
  }, 60_000)
})
