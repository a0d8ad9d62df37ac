import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from '@console/testkit/browser'
import { auditRowsOf, verifyConsoleAudit } from '@console/testkit/console-audit'
import { until } from '@console/testkit/daemon-harness'
import { describeNeeding, needs } from '@console/testkit/needs'
import { approve, aService, good, type Person } from '@console/testkit/people'
import { mountSmallDisk, type SmallDisk } from '@console/testkit/small-disk'
import { partPid, partPids, type RunningConsole, startConsole } from '@console/testkit/start-console'
import { testImage } from '@console/testkit/test-image'
import { afterEach, beforeEach, expect, test } from 'vitest'

const patienceMs = 45_000
const container = `bl-full-${process.pid}`
/** Each attempt is a change, of which a person has 30 a minute. */
const slowly =
  <T>(look: () => Promise<T>) =>
  async (): Promise<T | false> =>
    (await look()) || pause(1_500).then(() => false)
const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
const code = ({ status, body }: Answer) => `${status} ${body.code ?? ''}`.trim()

describeNeeding('root', 'the whole console on a disk of its own', () => {
  let disk: SmallDisk
  let roots: string
  let console_: RunningConsole
  let admin: Person
  let others = 0
  const register = () => {
    others += 1
    return admin.devops.post('/services', aService(`other-${others}`))
  }
  const restart = () => admin.devops.post(`/vm/containers/${container}/restart`, { reason: 'to see it recorded', waitSec: 0 })
  const trigger = () => admin.devops.post('/deployments/trigger/waits', { reason: 'to see it happen' })
  const stateOf = async (id: string) => String(good(await admin.devops.get(`/deployments/${id}`), 200).body.state)
  const becomes = (id: string, state: string) => until(`it is ${state}`, async () => (await stateOf(id)) === state, patienceMs)

  beforeEach(async () => {
    disk = mountSmallDisk()
    roots = mkdtempSync(join(homedir(), '.console-faults-'))
    writeFileSync(join(roots, 'waits.sh'), `#!/usr/bin/env bash\necho waiting\nwhile [ -e ${roots}/waits.sh ]; do sleep 0.2; done\n`, {
      mode: 0o755,
    })
    if (needs.docker)
      execFileSync('docker', ['run', '-d', '--name', container, '--label', 'com.bytelyst.test=1', testImage, 'sleep', '600'], {
        stdio: 'ignore',
      })
    console_ = await startConsole({ SCRIPT_ROOTS: roots }, { dataDir: join(disk.path, 'data') })
    admin = await console_.people.setUp(console_.setupToken)
    await approve(admin, 'waits')
    good(await admin.devops.post('/services', aService('waits', 'waits')), 201)
    if (needs.docker)
      await until('the container is known', async () => (await admin.devops.get(`/vm/containers/${container}`)).status === 200, patienceMs)
  }, 120_000)
  afterEach(async () => {
    await console_?.stop()
    if (needs.docker) execFileSync('docker', ['rm', '-f', container], { stdio: 'ignore' })
    disk.remove()
    rmSync(roots, { recursive: true, force: true })
  }, 60_000)

  test('full: cancel and restart are recorded from the reserve, the rest is refused, no part ends, and all is well when there is room', async () => {
    const run = String(good(await trigger(), 202).body.id)
    await becomes(run, 'running')
    // A run that is only beginning would still write down who it is, and could not.
    await until(
      'its first line is kept',
      () => textOf(join(console_.dataDir, 'host-agent/runs', run, 'output.ndjson')).includes('waiting'),
      patienceMs,
    )
    const before = partPids(console_.dataDir)
    disk.fill()
    const refused = await until(
      'changes are refused',
      slowly(async () => {
        const answer = await register()
        return answer.status === 503 && answer
      }),
      patienceMs,
    )
    expect(String(refused.body.code)).toMatch(/^(AUDIT|STORE)_UNAVAILABLE$/)
    // What is only shown is shown, or the answer says what is missing.
    expect(code(await admin.devops.post('/scripts/waits/plan', {}))).toMatch(/^(200|503 (AUDIT_UNAVAILABLE|STORE_UNAVAILABLE))$/)
    if (needs.docker) expect(code(await restart())).toBe('200')
    expect(code(await admin.devops.post(`/deployments/${run}/cancel`, { reason: 'no room' }))).toBe('202')
    for (const path of ['/services', '/deployments', '/parts', '/audit'])
      expect([path, (await admin.devops.get(path)).status]).toEqual([path, 200])
    for (const page of [console_.devopsWeb, console_.adminWeb]) expect((await fetch(page)).status).toBe(200)
    expect(partPids(console_.dataDir)).toEqual(before)

    disk.makeRoom()
    await becomes(run, 'cancelled')
    await until(
      'changes are taken',
      slowly(async () => (await register()).status === 201),
      patienceMs,
    )
    expect(partPids(console_.dataDir)).toEqual(before)
    const done = (['devops-backend', 'docker-proxy', 'host-agent'] as const).flatMap((log) =>
      auditRowsOf(console_.dataDir, log)
        .filter(({ outcome }) => outcome === 'done')
        .map(({ action }) => `${log} ${action}`),
    )
    const restarted = needs.docker ? ['docker-proxy containers.restart', 'devops-backend vm.container.restart'] : []
    expect(done).toEqual(expect.arrayContaining(['host-agent runs.cancel', 'devops-backend deployments.run.cancel', ...restarted]))
    await verifyConsoleAudit(console_.dataDir)
  }, 180_000)

  test('an audit log that cannot be written: nothing privileged runs in its part, the answer says why, and it passes', async () => {
    const invite = () =>
      admin.platform.post('/invites', { email: 'new@example.net', memberships: [{ productId: 'bytelyst-devops', role: 'viewer' }] })
    const cases = [
      ['platform-service', 'platform', [['invite', invite]]],
      [
        'devops-backend',
        'devops',
        [['register', register], ['trigger', trigger], ...(needs.docker ? [['restart', restart] as const] : [])],
      ],
      ['host-agent', 'host-agent', [['trigger', trigger]]],
      ...(needs.docker ? [['docker-proxy', 'docker-proxy', [['restart', restart]]] as const] : []),
    ] as const
    const startedAt = async () => String((await admin.devops.get(`/vm/containers/${container}`)).body.container?.startedAt)
    const before = needs.docker ? await startedAt() : ''
    for (const [part, folder, changes] of cases) {
      const audit = join(console_.dataDir, folder, 'audit')
      const pid = partPid(console_.dataDir, part)
      disk.freeze(audit)
      // What the part holds open it could still write: it has to open the log anew.
      process.kill(pid, 'SIGKILL')
      await until(
        `${part} refuses for want of its log`,
        slowly(async () => {
          const answer = await changes[0][1]().catch(() => null)
          return answer !== null && code(answer) === '503 AUDIT_UNAVAILABLE'
        }),
        patienceMs,
      )
      for (const [what, change] of changes) {
        const answer = await change()
        expect([part, what, code(answer)]).toEqual([part, what, '503 AUDIT_UNAVAILABLE'])
        expect(String(answer.body.detail)).toMatch(/Nothing was done.*cannot be written/)
      }
      expect((await admin.devops.get('/services')).status).toBe(200)
      disk.thaw(audit)
      await until(
        `${part} takes changes again`,
        slowly(async () => {
          const answer = await changes[0][1]()
          if (answer.status === 202) good(await admin.devops.post(`/deployments/${answer.body.id}/cancel`, { reason: 'seen enough' }), 202)
          return answer.status < 300
        }),
        patienceMs,
      )
      if (part !== 'docker-proxy' && needs.docker) expect(await startedAt()).toBe(before)
    }
    const { items } = good(await admin.devops.get('/services?limit=100'), 200).body as unknown as { items: { name: string }[] }
    expect(items.length).toBe(2)
    await verifyConsoleAudit(console_.dataDir)
  }, 240_000)
})
