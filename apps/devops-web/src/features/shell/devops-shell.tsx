'use client'
import { useConsole, usePerson } from '@console/console/console-provider.tsx'
import { useLiveEvents } from '@console/console/live-events.ts'
import { Shell } from '@console/console/shell.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { listDeployments } from '@console/contracts/deployments/actions'
import { listContainers, listUnhealthyContainers } from '@console/contracts/docker/actions'
import { planCleanup } from '@console/contracts/docker/disk-actions'
import { listHealth } from '@console/contracts/health/actions'
import { getHermesOps } from '@console/contracts/hermes/actions'
import { approveScript } from '@console/contracts/scripts/actions'
import { createService, listServices } from '@console/contracts/services/actions'
import { getMetrics } from '@console/contracts/system/actions'
import { planVmCleanup } from '@console/contracts/vm/cleanup-actions'
import { listVmSchedules } from '@console/contracts/vm/schedule-actions'
import { formatDuration } from '@console/ui/format.ts'
import { Banner, Blank } from '@console/ui/states.tsx'
import { currentTheme, setTheme } from '@console/ui/theme.ts'
import { Ago } from '@console/ui/time-text.tsx'
import { Shield } from 'lucide-react'
import type { ReactNode } from 'react'
import { agentsReach } from '../../lib/agents-reach.tsx'
import { jobsNeedingLook } from '../../lib/job-words.ts'
import { fullestDisk } from '../../lib/metric-words.ts'
import { navGroups } from '../../lib/nav.tsx'
import { paths } from '../../lib/paths.ts'
import { agentsNeedingLook, type Deviations, lampsOf } from './lamps.ts'
import { paletteEntries } from './palette-entries.tsx'

const dayMs = 86_400_000
const runsInPalette = 8

/** The frame of the DevOps dashboard: its pages, what deviates, and what of the console itself is away. */
export function DevopsShell({ children }: { readonly children: ReactNode }) {
  const { settings } = useConsole()
  const { devopsRole } = usePerson()
  const whyNot = useWhyNot()
  const live = useLiveEvents(devopsRole !== null)
  const on = { every: 15_000, enabled: devopsRole !== null }
  const health = useRead(listHealth, {}, on)
  const parts = useRead(listParts, {}, { ...on, every: 5_000 })
  const unhealthy = useRead(listUnhealthyContainers, {}, on)
  const recent = useRead(listDeployments, { query: { limit: '20' } }, on)
  const services = useRead(listServices, {}, on)
  const containers = useRead(listContainers, {}, on)
  const metrics = useRead(getMetrics, {}, { ...on, every: 30_000 })
  const whyNoJobs = whyNot(listVmSchedules)
  const schedules = useRead(listVmSchedules, {}, { every: 5 * 60_000, enabled: on.enabled && whyNoJobs === null })
  const agents = useRead(getHermesOps, {}, { every: 60_000, enabled: on.enabled && agentsReach(parts) === 'open' })
  const away = (parts.data?.parts ?? []).filter(({ state }) => state === 'away')
  const seen: Deviations = {
    down: health.data?.summary.down ?? 0,
    degraded: health.data?.summary.degraded ?? 0,
    failedDeploys: lastFailed(recent.data?.items ?? []),
    sickContainers: unhealthy.data?.items.length ?? 0,
    containersUnknown: containers.data?.freshness === 'away',
    disk: metrics.data ? fullestDisk(metrics.data.disks) : null,
    certificateDays: soonest(health.data?.items ?? []),
    jobs: schedules.data ? jobsNeedingLook(schedules.data.jobs) : null,
    agents: agents.data ? agentsNeedingLook(agents.data.warnings) : null,
    audit: parts.data?.parts.find(({ part }) => part === 'audit') ?? null,
    partsAway: away.map(({ part }) => part),
    eventsLost: live === 'lost',
  }
  const lost = parts.error?.code === 'NETWORK' || parts.error?.code === 'AUTH_UNAVAILABLE'
  const host = parts.data?.host
  return (
    <Shell
      productName="ByteLyst DevOps"
      groups={navGroups({
        services: { n: seen.down + seen.degraded, kind: seen.down > 0 ? 'bad' : 'warn' },
        deployments: { n: seen.failedDeploys, kind: 'bad' },
        containers: { n: seen.sickContainers, kind: 'warn' },
        vm: { n: seen.jobs?.n ?? 0, kind: seen.jobs?.bad ? 'bad' : 'warn' },
        agents: { n: seen.agents?.n ?? 0, kind: seen.agents?.bad ? 'bad' : 'warn' },
      })}
      lamps={lampsOf(seen)}
      other={{ label: 'Platform Admin', href: settings.adminWebUrl, icon: <Shield className="ic" aria-hidden="true" /> }}
      otherAt="header"
      entries={paletteEntries({
        services: services.data?.items ?? [],
        runs: (recent.data?.items ?? []).slice(0, runsInPalette),
        containers: containers.data?.items ?? [],
        whyNoRegister: whyNot(createService),
        whyNoApprove: whyNot(approveScript),
        whyNoCleanup: whyNot(planCleanup),
        whyNoVmCleanup: whyNot(planVmCleanup),
        switchTheme: () => setTheme(currentTheme() === 'light' ? 'dark' : 'light'),
      })}
      settingsHref={paths.settings}
      host={host ? { name: host.name, detail: `${host.cpus} vCPU · up ${formatDuration(host.uptimeSec * 1_000)}` } : null}
      banner={
        lost ? (
          <LostBanner why={parts.error?.message ?? ''} at={parts.dataUpdatedAt} />
        ) : away.length > 0 ? (
          <AwayBanner parts={away} />
        ) : null
      }
    >
      {devopsRole === null ? <NoAccess /> : children}
    </Shell>
  )
}

function LostBanner({ why, at }: { readonly why: string; readonly at: number }) {
  return (
    <Banner kind="bad">
      {why}{' '}
      {at > 0 && (
        <>
          Shown is what was known at {new Date(at).toISOString().slice(11, 19)} UTC, <Ago at={new Date(at).toISOString()} />.
        </>
      )}
    </Banner>
  )
}

function AwayBanner({ parts }: { readonly parts: readonly { readonly detail: string; readonly remedy: string | null }[] }) {
  return <Banner kind="warn">{parts.map(({ detail, remedy }) => `${detail} ${remedy ?? ''}`).join(' ')}</Banner>
}

function NoAccess() {
  return (
    <div className="panel">
      <Blank kind="denied" title="You have no access to DevOps">
        An admin gives it to you in Platform Admin, under People.
      </Blank>
    </div>
  )
}

/** Days until the certificate that expires first; null when none is measured. */
function soonest(items: readonly { readonly tlsExpiresAt: string | null }[]): number | null {
  const days = items.flatMap(({ tlsExpiresAt }) => (tlsExpiresAt ? [Math.floor((Date.parse(tlsExpiresAt) - Date.now()) / dayMs)] : []))
  return days.length === 0 ? null : Math.min(...days)
}

/** Services whose newest ended run did not succeed. */
function lastFailed(runs: readonly { serviceId: string; state: string; endedAt: string | null }[]): number {
  const seen = new Map<string, string>()
  for (const { serviceId, state, endedAt } of runs) if (endedAt !== null && !seen.has(serviceId)) seen.set(serviceId, state)
  return [...seen.values()].filter((state) => state === 'failed' || state === 'timed-out' || state === 'interrupted').length
}
