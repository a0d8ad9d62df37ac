'use client'
import { useConsole, usePerson } from '@console/console/console-provider.tsx'
import { useLiveEvents } from '@console/console/live-events.ts'
import type { PaletteEntry } from '@console/console/palette.tsx'
import { type Lamp, type NavGroup, Shell } from '@console/console/shell.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { listDeployments } from '@console/contracts/deployments/actions'
import { listContainers, listUnhealthyContainers } from '@console/contracts/docker/actions'
import { listHealth } from '@console/contracts/health/actions'
import { listServices } from '@console/contracts/services/actions'
import { formatDuration } from '@console/ui/format.ts'
import { Banner, Blank } from '@console/ui/states.tsx'
import { Activity, BookLock, Boxes, Container, Gauge, KeyRound, Rocket, Settings2, Shield } from 'lucide-react'
import type { ReactNode } from 'react'
import { paths } from '../../lib/paths.ts'

const icon = (Icon: typeof Gauge): ReactNode => <Icon className="ic" aria-hidden="true" />
const certificateSoonDays = 14

/** The frame of the DevOps dashboard: its pages, what deviates, and what of the console itself is away. */
export function DevopsShell({ children }: { readonly children: ReactNode }) {
  const { settings } = useConsole()
  const { devopsRole } = usePerson()
  const live = useLiveEvents(devopsRole !== null)
  const on = { every: 15_000, enabled: devopsRole !== null }
  const health = useRead(listHealth, {}, on)
  const parts = useRead(listParts, {}, { ...on, every: 5_000 })
  const unhealthy = useRead(listUnhealthyContainers, {}, on)
  const recent = useRead(listDeployments, { query: { limit: '20' } }, on)
  const services = useRead(listServices, {}, on)
  const containers = useRead(listContainers, {}, on)

  const down = health.data?.summary.down ?? 0
  const degraded = health.data?.summary.degraded ?? 0
  const sick = unhealthy.data?.items.length ?? 0
  const failed = lastFailed(recent.data?.items ?? [])
  const away = (parts.data?.parts ?? []).filter(({ state }) => state === 'away')
  const expiring = (health.data?.items ?? [])
    .flatMap(({ tlsExpiresAt }) => (tlsExpiresAt ? [Math.floor((Date.parse(tlsExpiresAt) - Date.now()) / 86_400_000)] : []))
    .sort((a, b) => a - b)[0]
  const audit = parts.data?.parts.find(({ part }) => part === 'audit')
  const lamps: Lamp[] = [
    {
      label: down + degraded > 0 ? `Services ${down + degraded}` : 'Services',
      says: down + degraded > 0 ? `${down} down, ${degraded} degraded` : 'none is down',
      href: paths.services,
      kind: down > 0 ? 'bad' : 'warn',
      lit: down + degraded > 0,
    },
    {
      label: failed > 0 ? `Deploys ${failed}` : 'Deploys',
      says: failed > 0 ? `${failed} failed at their last run` : 'none failed',
      href: `${paths.deployments}?state=failed`,
      kind: 'bad',
      lit: failed > 0,
    },
    {
      label: sick > 0 ? `Containers ${sick}` : 'Containers',
      says: sick > 0 ? `${sick} need a look` : 'none is unhealthy',
      href: `${paths.containers}?show=unhealthy`,
      kind: 'warn',
      lit: sick > 0,
    },
    {
      label: expiring !== undefined && expiring <= certificateSoonDays ? `Certificates ${expiring} d` : 'Certificates',
      says: expiring === undefined ? 'none measured' : `the next expires in ${expiring} days`,
      href: paths.health,
      kind: expiring !== undefined && expiring < 3 ? 'bad' : 'warn',
      lit: expiring !== undefined && expiring <= certificateSoonDays,
    },
    {
      label: 'Audit',
      says: audit?.detail ?? 'not looked at yet',
      href: paths.audit,
      kind: 'bad',
      lit: audit !== undefined && audit.state !== 'up',
    },
    {
      label: 'Console',
      says: away.length > 0 ? `${away.map(({ part }) => part).join(', ')} away` : 'all parts answer',
      href: paths.privileges,
      kind: 'bad',
      lit: away.length > 0 || live === 'lost',
    },
  ]
  const groups: NavGroup[] = [
    { title: null, pages: [{ href: paths.overview, label: 'Overview', icon: icon(Gauge), key: 'o' }] },
    {
      title: 'Run',
      pages: [
        {
          href: paths.services,
          label: 'Services',
          icon: icon(Boxes),
          key: 's',
          count: { n: down + degraded, kind: down > 0 ? 'bad' : 'warn' },
        },
        { href: paths.deployments, label: 'Deployments', icon: icon(Rocket), key: 'd', count: { n: failed, kind: 'bad' } },
        { href: paths.health, label: 'Health', icon: icon(Activity), key: 'h' },
      ],
    },
    {
      title: 'Observe',
      pages: [{ href: paths.containers, label: 'Containers', icon: icon(Container), key: 'c', count: { n: sick, kind: 'warn' } }],
    },
    {
      title: 'Assure',
      pages: [
        { href: paths.audit, label: 'Audit', icon: icon(BookLock), key: 'a' },
        { href: paths.privileges, label: 'Privileges', icon: icon(KeyRound), key: 'p' },
      ],
    },
    { title: 'Console', pages: [{ href: paths.settings, label: 'Settings', icon: icon(Settings2), key: ',' }] },
  ]
  const entries: PaletteEntry[] = [
    ...(services.data?.items ?? []).map(({ id, health: state }) => ({
      group: 'Services',
      label: id,
      detail: state,
      icon: icon(Boxes),
      href: paths.service(id),
    })),
    ...(recent.data?.items ?? []).slice(0, 8).map((run) => ({
      group: 'Runs',
      label: `${run.serviceName} #${run.number}`,
      detail: run.state,
      icon: icon(Rocket),
      href: paths.deployment(run.id),
    })),
    ...(containers.data?.items ?? []).map(({ name, state }) => ({
      group: 'Containers',
      label: name,
      detail: state,
      icon: icon(Container),
      href: paths.containerLog(name),
    })),
    { group: 'Actions', label: 'Register a service', icon: icon(Boxes), href: paths.registerService },
    { group: 'Actions', label: 'Approve a script', icon: icon(Settings2), href: paths.scripts },
  ]
  const host = parts.data
    ? { name: parts.data.host.name, detail: `${parts.data.host.cpus} vCPU · up ${formatDuration(parts.data.host.uptimeSec * 1_000)}` }
    : null
  const other = { label: 'Platform Admin', href: settings.adminWebUrl, icon: <Shield className="ic" aria-hidden="true" /> }
  const lost = parts.error?.code === 'NETWORK' || parts.error?.code === 'AUTH_UNAVAILABLE'
  const banner = lost ? (
    <Banner kind="bad">{parts.error?.message} Shown is the last known state.</Banner>
  ) : away.length > 0 ? (
    <Banner kind="warn">{away.map(({ detail, remedy }) => `${detail} ${remedy ?? ''}`).join(' ')}</Banner>
  ) : null
  return (
    <Shell
      productName="ByteLyst DevOps"
      groups={groups}
      lamps={lamps}
      otherDashboard={other}
      entries={entries}
      settingsHref={paths.settings}
      host={host}
      banner={banner}
    >
      {devopsRole === null ? (
        <div className="panel">
          <Blank kind="denied" title="You have no access to DevOps">
            An admin gives it to you in Platform Admin, under People.
          </Blank>
        </div>
      ) : (
        children
      )}
    </Shell>
  )
}

/** Services whose newest ended run did not succeed. */
function lastFailed(runs: readonly { serviceId: string; state: string; endedAt: string | null }[]): number {
  const seen = new Map<string, string>()
  for (const { serviceId, state, endedAt } of runs) if (endedAt !== null && !seen.has(serviceId)) seen.set(serviceId, state)
  return [...seen.values()].filter((state) => state === 'failed' || state === 'timed-out' || state === 'interrupted').length
}
