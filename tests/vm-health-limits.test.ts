import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { textOf } from './source-files.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vm-limits-'))
  put('proc/uptime', '100.00 200.00\n')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const hourSec = 3_600
const daySec = 86_400
const put = (path: string, text: string, mode = 0o644): string => {
  const file = join(dir, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}
/** A program that says this, found before the machine's own. */
const program = (name: string, says: string): string => put(`bin/${name}`, `#!/bin/sh\ncat <<'END'\n${says}\nEND\n`, 0o755)

/**
 * Status by id of what one check of the script finds on a machine that is made here: the script's own text up to where it is started, with
 * the places that it reads moved below a folder.
 */
function found(check: string): Readonly<Record<string, string>> {
  const whole = textOf('vm/vm-health-check.sh')
  const end = whole.search(/^case \$\{1-\} in$/m)
  expect(end).toBeGreaterThan(0)
  const moved = whole
    .slice(0, end)
    .replace(/^PATH=.*$/m, `PATH=${dir}/bin:/usr/sbin:/usr/bin:/sbin:/bin`)
    .replaceAll('/proc/', `${dir}/proc/`)
    .replaceAll('/etc/letsencrypt', `${dir}/etc/letsencrypt`)
    .replaceAll('/var/lib/apt/lists', `${dir}/lists`)
    .replaceAll('/run/systemd', `${dir}/run/systemd`)
  const { stdout, stderr } = spawnSync('bash', ['-c', `${moved}\n${check}\nprint_json`], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const { checks } = JSON.parse(stdout) as { checks: { id: string; status: string }[] }
  return Object.fromEntries(checks.map(({ id, status }) => [id, status]))
}

it('warns of a file system over 85 %, and fails it over 90 %, by space and by inodes', () => {
  for (const [percent, status] of [
    [84, 'ok'],
    [85, 'ok'],
    [86, 'warn'],
    [90, 'warn'],
    [91, 'fail'],
    [100, 'fail'],
  ] as const) {
    program(
      'df',
      `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 1000 ${percent * 10} ${1_000 - percent * 10} ${percent}% /`,
    )
    expect([percent, found('check_disks'), found('check_inodes')]).toEqual([percent, { 'disk:/': status }, { 'inodes:/': status }])
  }
})

it('warns of less than 10 % of memory, and fails it under 5 %', () => {
  for (const [available, status] of [
    [1_010, 'ok'],
    [1_000, 'ok'],
    [999, 'warn'],
    [500, 'warn'],
    [499, 'fail'],
    [0, 'fail'],
  ] as const) {
    put('proc/meminfo', `MemTotal: 10000 kB\nMemAvailable: ${available} kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n`)
    expect([available, found('check_memory')]).toEqual([available, { memory: status, swap: 'ok' }])
  }
})

it('warns of swap over 50 %, and fails it over 90 %', () => {
  for (const [used, status] of [
    [50, 'ok'],
    [51, 'warn'],
    [90, 'warn'],
    [91, 'fail'],
  ] as const) {
    put('proc/meminfo', `MemTotal: 10 kB\nMemAvailable: 10 kB\nSwapTotal: 100 kB\nSwapFree: ${100 - used} kB\n`)
    expect([used, found('check_memory').swap]).toEqual([used, status])
  }
})

it('warns of a load over 1.5 a processor, and fails it over 3', () => {
  program('nproc', '2')
  for (const [load, status] of [
    ['0.08', 'ok'],
    ['3.00', 'ok'],
    ['3.02', 'warn'],
    ['6.00', 'warn'],
    ['6.02', 'fail'],
    ['nonsense', 'unknown'],
  ] as const) {
    put('proc/loadavg', `9.99 ${load} 9.99 1/100 1\n`)
    expect([load, found('check_load')]).toEqual([load, { load: status }])
  }
})

it('warns of one process that was killed for want of memory', () => {
  for (const [kills, status] of [
    ['oom_kill 0', 'ok'],
    ['oom_kill 1', 'warn'],
    ['nr_free 7', 'unknown'],
  ] as const) {
    put('proc/vmstat', `${kills}\n`)
    expect([kills, found('check_oom')]).toEqual([kills, { oom: status }])
  }
})

it('warns of lists of packages older than 7 days, and of one security update', () => {
  const other = 'Inst tzdata [1] (2 Debian:13/stable [all])'
  for (const [hours, says, status] of [
    [7 * 24 + 1, other, 'ok'],
    [8 * 24 - 1, other, 'ok'],
    [8 * 24 + 1, other, 'warn'],
    [1, `${other}\nInst openssl [1] (2 Debian-Security:13/stable-security [amd64])`, 'warn'],
  ] as const) {
    const at = Date.now() / 1_000 - hours * hourSec
    utimesSync(put('lists/example_Packages', ''), at, at)
    program('apt-get', says)
    expect([hours, found('check_updates')]).toEqual([hours, { updates: status }])
  }
})

it('warns of each limit of host-agent that was taken away, and says nothing where it is not installed', () => {
  mkdirSync(join(dir, 'run/systemd/system'), { recursive: true })
  const kept = { LoadState: 'loaded', MemoryMax: '536870912', TasksMax: '512', NoNewPrivileges: 'yes', ProtectSystem: 'strict' }
  for (const [changed, status] of [
    [{}, 'ok'],
    [{ MemoryMax: 'infinity' }, 'warn'],
    [{ TasksMax: 'infinity' }, 'warn'],
    [{ NoNewPrivileges: 'no' }, 'warn'],
    [{ ProtectSystem: 'full' }, 'warn'],
    [{ LoadState: 'not-found', MemoryMax: 'infinity' }, undefined],
  ] as const) {
    program(
      'systemctl',
      Object.entries({ ...kept, ...changed })
        .map((pair) => pair.join('='))
        .join('\n'),
    )
    expect([changed, found('check_agent').agent]).toEqual([changed, status])
  }
})

it('warns of a certificate with less than 14 days left, and fails it under 3', () => {
  put('etc/letsencrypt/live/example.net/cert.pem', 'a certificate')
  for (const [left, status] of [
    [14 * daySec + hourSec, 'ok'],
    [14 * daySec - hourSec, 'warn'],
    [3 * daySec + hourSec, 'warn'],
    [3 * daySec - hourSec, 'fail'],
    [-hourSec, 'fail'],
  ] as const) {
    program('openssl', `notAfter=${new Date(Date.now() + left * 1_000).toUTCString()}`)
    expect([left, found('check_certificates')]).toEqual([left, { 'certificate:example.net': status }])
  }
})
