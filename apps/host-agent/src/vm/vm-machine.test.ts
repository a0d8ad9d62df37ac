import { randomBytes } from 'node:crypto'
import { type AgentPlace, openVmPlace } from '@console/testkit/agent-place'
import { until } from '@console/testkit/daemon-harness'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { VmReceipt } from './cleanup/make-receipt.ts'
import type { HealthReport } from './health-report.ts'

const minute = 60_000
/** Folders below which the machine's files are looked for: what else it could give up is not ours to take. */
const tree = `/opt/vm-tree-${randomBytes(4).toString('hex')}`
const logs = `${tree}/var/log/app`

describeNeeding('vm', 'the upkeep of a machine with systemd', () => {
  let place: AgentPlace
  const ask = async <T>(verb: string, args: object = {}, grant?: string): Promise<T> => {
    const { status, body, text } = await place.kit.ask(verb, args, 'admin', grant)
    if (status !== 200) throw new Error(text)
    return body as T
  }
  const receiptOf = async (digest: string) =>
    (await ask<{ items: VmReceipt[] }>('vm.cleanup.list')).items.find((one) => one.digest === digest)

  beforeAll(async () => {
    place = await openVmPlace({ HOST_ROOT: tree })
    place.bash('mkdir -p "$1"', logs)
    await place.start()
  }, 3 * minute)
  afterAll(async () => {
    place?.bash('rm -rf "$1"', tree)
    await place?.remove()
  }, minute)

  it(
    'is seen as it is, with what fails and what waits',
    async () => {
      const unit = `vm-fails-${randomBytes(4).toString('hex')}.service`
      place.bash('systemd-run --quiet --unit="$1" /bin/false; touch /run/reboot-required', unit)
      try {
        const { host, checks } = await ask<HealthReport>('vm.health')
        const statusOf = new Map(checks.map(({ id, status }) => [id, status]))
        expect(host.name).toBe(place.bash('uname -n').trim())
        expect([statusOf.get('root'), statusOf.get('units'), statusOf.get('reboot')]).toEqual(['ok', 'fail', 'warn'])
        expect(checks.find(({ id }) => id === 'units')?.measured).toContain(unit)
      } finally {
        place.bash('systemctl reset-failed "$1"; rm -f /run/reboot-required', unit)
      }
    },
    3 * minute,
  )

  it(
    'is cleaned up by a run that goes on when the agent is killed',
    async () => {
      place.bash('cd "$1" && for n in $(seq 1 1500); do echo x >a$n.gz; done && touch -d "400 days ago" ./*.gz', logs)
      const { plan, digest } = await ask<{ plan: { items: { path: string }[] }; digest: string }>('vm.cleanup.plan')
      expect(new Set(plan.items.map(({ path }) => path.replace(/[0-9]+/, 'N')))).toEqual(new Set(['/var/log/app/aN.gz']))
      // Its answer never comes: who would give it is killed.
      const unanswered = ask('vm.cleanup.run', { digest, reason: 'a test' }, place.kit.grant('vm.cleanup.run', digest)).catch(() => null)
      await until('its first object', async () => ((await receiptOf(digest))?.reached ?? 0) > 0, minute)
      await place.kill()
      expect(Number(place.bash('ls "$1" | wc -l', logs))).toBeGreaterThan(0)
      expect(await unanswered).toBe(null)
      await place.start()
      const receipt = await until(
        'the end of the cleanup',
        async () => {
          const now = await receiptOf(digest)
          return now && now.state !== 'running' && now
        },
        minute,
      )
      expect([receipt.state, receipt.kinds.find(({ kind }) => kind === 'logs')?.removed]).toEqual(['done', 1_500])
      expect(place.bash('ls "$1" | wc -l', logs).trim()).toBe('0')
    },
    4 * minute,
  )
})
