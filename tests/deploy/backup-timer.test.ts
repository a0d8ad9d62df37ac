import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { copyToVm, inVm, tryInVm } from '@console/testkit/vm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from '../source-files.ts'

describeNeeding('vm', 'the timer of backups, on a machine with systemd', () => {
  const project = `trial-${randomBytes(4).toString('hex')}`
  const base = `/opt/${project}`
  const write = (path: string, text: string, mode = '644') =>
    inVm('bash', '-c', 'printf %s "$1" >"$0" && chmod "$2" "$0"', path, text, mode)
  const deploy = (...args: string[]) => tryInVm(`${base}/deploy/deploy.sh`, '--dir', `${base}/console`, ...args)
  const unit = (name: string, property: string) =>
    inVm('systemctl', 'show', '--property', property, '--value', `${project}-backup.${name}`).trim()
  const calls = () => tryInVm('cat', `${base}/calls`).output
  const had = { docker: false }

  beforeAll(() => {
    inVm('mkdir', '-p', `${base}/console/state`)
    copyToVm(join(root, 'deploy'), `${base}/deploy`)
    write(`${base}/console/.env`, `DOMAIN=console.test\nGATEWAY=local\nCONSOLE_PROJECT=${project}\n`)
    write(`${base}/console/state/current.yaml`, 'services:\n  backups:\n')
    // There is no engine in the machine: what it would be told is written down.
    had.docker = tryInVm('test', '-e', '/usr/local/bin/docker').status === 0
    if (!had.docker) write('/usr/local/bin/docker', `#!/bin/sh\necho "$*" >>${base}/calls\n[ ! -e ${base}/broken ]\n`, '755')
  })
  afterAll(() => {
    tryInVm('systemctl', 'disable', '--now', `${project}-backup.timer`)
    tryInVm('bash', '-c', 'rm -f /etc/systemd/system/"$0"-backup.*; systemctl daemon-reload', project)
    if (!had.docker) inVm('rm', '-f', '/usr/local/bin/docker')
    inVm('rm', '-rf', base)
  })

  it('makes backups each night, says that it did, and keeps as many as it is told', () => {
    expect(deploy('timer', '--at', '25:00')).toMatchObject({ status: 2, output: expect.stringContaining('--at must be a time') })
    expect(deploy('timer', '--dry-run', '--at', '04:05').output).toContain('would write')
    expect(unit('timer', 'LoadState')).toBe('not-found')

    expect(deploy('timer', '--at', '04:05', '--keep', '5')).toMatchObject({
      status: 0,
      output: expect.stringContaining('at 04:05, the 5 newest stay'),
    })
    expect([unit('timer', 'ActiveState'), unit('timer', 'UnitFileState')]).toEqual(['active', 'enabled'])
    expect(unit('timer', 'TimersCalendar')).toContain('04:05:00')
    expect(tryInVm('systemd-analyze', 'verify', `${project}-backup.timer`, `${project}-backup.service`)).toEqual({ status: 0, output: '' })
    inVm('systemctl', 'start', `${project}-backup.service`)
    expect([unit('service', 'Result'), unit('timer', 'Unit')]).toEqual(['success', `${project}-backup.service`])
    expect(calls()).toMatch(/ run .* backups make the timer of deploy\.sh, nightly 5\n/)
    expect(calls()).not.toContain(' exec ')

    // By default nights are kept, too; one that was set without goes on without.
    for (const [args, told, said] of [
      [[], '14,8,12 14', 'the 14 newest, and the first of each of 14 nights, 8 weeks and 12 months stay'],
      [['--keep', '5,0,0,0'], '5,0,0 0', 'the 5 newest, and the first of each of 0 nights, 0 weeks and 0 months stay'],
      [['--keep', '14,8,12'], '14,8,12', 'the 14 newest, and the first of each of 8 weeks and 12 months stay'],
      [['--keep', '14,8,0'], '14,8,0', 'the 14 newest, and the first of each of 8 weeks and 0 months stay'],
    ] as const) {
      write(`${base}/calls`, '')
      expect(deploy('timer', ...args)).toMatchObject({ status: 0, output: expect.stringContaining(said) })
      inVm('systemctl', 'start', `${project}-backup.service`)
      expect(calls()).toMatch(new RegExp(` backups make the timer of deploy\\.sh, nightly ${told}\n`))
    }
  })

  it('asks both services for backups of their own, with tokens that stand in no list of processes and that nobody else may read', () => {
    const ran = () => {
      write(`${base}/calls`, '')
      return tryInVm(`${base}/deploy/deploy.sh`, 'backup', '--yes', '--by-timer', '--dir', `${base}/console`)
    }
    inVm('mkdir', '-p', `${base}/console/tokens`)
    write(`${base}/console/tokens/devops-backend`, 'blt_secret\n', '600')
    expect(ran()).toMatchObject({ status: 0, output: expect.stringContaining('platform-service was not asked for a backup of its own') })
    expect(calls()).toMatch(/ exec --no-TTY devops-backend bash deploy\/image\/ask-backup\.sh 4004 \/api\/devops\/backups\n$/)
    expect(calls()).not.toContain('blt_secret')
    write(`${base}/console/tokens/platform-service`, 'blt_secret\n', '644')
    expect(ran()).toMatchObject({ status: 1, output: expect.stringContaining("must be root's, and nobody else may read it") })
    expect(calls()).toMatch(/ backups make .*\n.* exec --no-TTY devops-backend /)
    expect(calls()).not.toContain('platform-service bash')
    write(`${base}/broken`, '')
    expect(ran()).toMatchObject({ status: 1, output: expect.stringContaining('devops-backend made no backup of its own') })
    inVm('rm', '-r', `${base}/broken`, `${base}/console/tokens`)
  })

  it('is told of a backup that failed, takes another time, and is taken away', () => {
    write(`${base}/broken`, '')
    expect(tryInVm('systemctl', 'start', `${project}-backup.service`).status).not.toBe(0)
    expect(unit('service', 'Result')).toBe('exit-code')
    expect(deploy('timer', '--at', '05:06').status).toBe(0)
    expect(unit('timer', 'TimersCalendar')).toContain('05:06:00')
    expect(deploy('timer', 'off').status).toBe(0)
    expect([unit('timer', 'LoadState'), unit('service', 'LoadState')]).toEqual(['not-found', 'not-found'])
    expect(deploy('timer', 'off').status).toBe(0)
  })
})
