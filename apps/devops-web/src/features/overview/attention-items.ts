import type { ResultOf } from '@console/contracts/action'
import type { listParts } from '@console/contracts/console/actions'
import type { Run } from '@console/contracts/deployments/schemas'
import type { Incident, ServiceHealth } from '@console/contracts/health/schemas'
import type { HermesWarning } from '@console/contracts/hermes/schemas'
import type { Script } from '@console/contracts/scripts/schemas'
import { formatBytes, formatDay } from '@console/ui/format.ts'
import type { StatusKind } from '@console/ui/status.tsx'
import { type FullDisk, isFull, percentText } from '../../lib/metric-words.ts'
import { paths } from '../../lib/paths.ts'
import { healthKind, runStatus } from '../../lib/run-words.ts'

type Part = ResultOf<typeof listParts>['parts'][number]
type SickContainer = {
  readonly name: string
  readonly state: string
  readonly health: string
  readonly status: string
  readonly oomKilled: boolean
  readonly startedAt: string | null
}
/** One thing that needs somebody. `rank` 0 is broken now, 1 breaks soon, 2 is to be looked at today. */
export type Item = {
  readonly key: string
  readonly rank: 0 | 1 | 2
  readonly kind: StatusKind
  readonly name: string
  readonly says: string
  readonly why: string
  readonly mono?: boolean
  readonly afterRun?: Incident['afterRun']
  readonly since: string | null
  readonly link: { readonly label: string; readonly href: string }
}
/** What the page has read so far; a part that is not there yet adds nothing. */
export type Known = {
  readonly health?: readonly ServiceHealth[] | undefined
  readonly incidents?: readonly Incident[] | undefined
  readonly parts?: readonly Part[] | undefined
  readonly containers?: readonly SickContainer[] | undefined
  readonly runs?: readonly Run[] | undefined
  readonly scripts?: readonly Script[] | undefined
  readonly disk?: FullDisk | null | undefined
  readonly agents?: readonly HermesWarning[] | undefined
}

const soonDays = 14
const dayMs = 86_400_000

/** Everything that needs somebody, worst rank first, within a rank what lasts longest first. @param now milliseconds */
export function attentionItems(known: Known, now: number): Item[] {
  const items = [
    ...brokenServices(known.health ?? [], known.incidents ?? []),
    ...awayParts(known.parts ?? []),
    ...sickContainers(known.containers ?? []),
    ...fullDisk(known.disk ?? null),
    ...expiring(known.health ?? [], now),
    ...failedRuns(known.runs ?? []),
    ...changedScripts(known.scripts ?? []),
    ...agentWarnings(known.agents ?? []),
  ]
  return items.sort((a, b) => a.rank - b.rank || ageOf(b, now) - ageOf(a, now))
}

/** What is broken comes first, then what is left; "Nothing needs you" only when the health of services is known. */
export function attentionTitle(items: readonly Item[], healthKnown: boolean): string {
  const broken = items.filter(({ rank }) => rank === 0).length
  const rest = items.length - broken
  if (items.length === 0) return healthKnown ? 'Nothing needs you' : 'Overview'
  const today = `${rest} ${rest === 1 ? 'thing needs' : 'things need'} you today`
  if (broken === 0) return today
  return `${broken} ${broken === 1 ? 'thing is' : 'things are'} broken${rest > 0 ? `, ${today}` : ''}`
}

function fullDisk(disk: FullDisk | null): Item[] {
  if (!isFull(disk)) return []
  const says = `is ${percentText(disk.percent)} full`
  const why = `${formatBytes(disk.freeBytes)} free.`
  return [
    {
      key: 'disk',
      rank: 1,
      kind: 'warn',
      name: `Disk ${disk.mount}`,
      says,
      why,
      since: null,
      link: { label: 'Look at the disk', href: paths.system },
    },
  ]
}

/** What is only good to know stays on the page of the agents. */
function agentWarnings(warnings: readonly HermesWarning[]): Item[] {
  return warnings
    .filter(({ severity }) => severity !== 'info')
    .map(({ id, instance, severity, title, cause }) => ({
      key: `a ${id}`,
      rank: severity === 'bad' ? 0 : 2,
      kind: severity === 'bad' ? 'bad' : 'warn',
      name: `Agent ${instance}:`,
      says: title,
      why: cause,
      since: null,
      link: { label: 'Open agent', href: paths.hermes(instance) },
    }))
}

function ageOf({ since }: Item, now: number): number {
  return since === null ? 0 : now - Date.parse(since)
}

function brokenServices(health: readonly ServiceHealth[], incidents: readonly Incident[]): Item[] {
  return health
    .filter(({ state }) => state === 'down' || state === 'degraded')
    .map((item) => {
      const incident = incidents.find(({ serviceId }) => serviceId === item.serviceId)
      const bad = item.checks.find(({ state }) => state === item.state)
      return {
        key: `s ${item.serviceId}`,
        rank: item.state === 'down' ? 0 : 1,
        kind: healthKind[item.state],
        name: item.serviceId,
        says: `is ${item.state}`,
        why: incident?.cause ?? (bad ? `${bad.label}: ${bad.last?.note ?? 'not measured'}` : ''),
        afterRun: incident?.afterRun ?? null,
        since: item.since,
        link: { label: 'Open service', href: paths.service(item.serviceId) },
      }
    })
}

function awayParts(parts: readonly Part[]): Item[] {
  return parts
    .filter(({ state }) => state === 'away')
    .map(({ part, since, detail, remedy }) => ({
      key: `p ${part}`,
      // Without the engine services go on; without any other part the console itself is blind.
      rank: part === 'docker-engine' ? 1 : 0,
      kind: part === 'docker-engine' ? 'warn' : 'bad',
      name: part,
      says: 'is away',
      why: `${detail} ${remedy ?? ''}`.trim(),
      since,
      link: { label: 'Open parts', href: paths.privileges },
    }))
}

function sickContainers(containers: readonly SickContainer[]): Item[] {
  return containers.map(({ name, state, health, status, oomKilled, startedAt }) => ({
    key: `c ${name}`,
    rank: state === 'restarting' ? 0 : 2,
    kind: state === 'restarting' || oomKilled ? 'bad' : 'warn',
    name,
    says:
      state === 'restarting'
        ? 'keeps restarting'
        : oomKilled
          ? 'was killed for want of memory'
          : health === 'unhealthy'
            ? 'is unhealthy'
            : 'ended with a failure',
    why: status,
    since: startedAt,
    link: { label: 'View log', href: paths.containerLog(name) },
  }))
}

function expiring(health: readonly ServiceHealth[], now: number): Item[] {
  return health.flatMap(({ serviceId, tlsExpiresAt }) => {
    if (tlsExpiresAt === null) return []
    const days = Math.floor((Date.parse(tlsExpiresAt) - now) / dayMs)
    if (days > soonDays) return []
    return [
      {
        key: `t ${serviceId}`,
        rank: days < 0 ? (0 as const) : (1 as const),
        kind: days < 3 ? ('bad' as const) : ('warn' as const),
        name: serviceId,
        says: days < 0 ? 'has a certificate that has ended' : 'has a certificate that ends soon',
        why: days < 0 ? `It ended on ${formatDay(tlsExpiresAt)}.` : `${days} days are left, until ${formatDay(tlsExpiresAt)}.`,
        since: null,
        link: { label: 'Open service', href: paths.service(serviceId) },
      },
    ]
  })
}

/** Only the newest ended run of a service counts: a later success has mended it. */
function failedRuns(runs: readonly Run[]): Item[] {
  const newest = new Map<string, Run>()
  for (const run of runs) if (run.endedAt !== null && !newest.has(run.serviceId)) newest.set(run.serviceId, run)
  return [...newest.values()]
    .filter(({ state }) => state === 'failed' || state === 'timed-out' || state === 'interrupted')
    .map((run) => ({
      key: `r ${run.id}`,
      rank: 2,
      kind: runStatus(run).kind,
      name: `${run.serviceId} #${run.number}`,
      says: runStatus(run).word,
      why: run.outcome ?? '',
      since: run.endedAt,
      link: { label: 'Open run', href: paths.deployment(run.id) },
    }))
}

function changedScripts(scripts: readonly Script[]): Item[] {
  return scripts
    .filter(({ status }) => status === 'changed')
    .map(({ scriptId, path }) => ({
      key: `x ${scriptId}`,
      rank: 2,
      kind: 'warn',
      name: scriptId,
      says: 'changed after it was approved',
      why: path,
      mono: true,
      since: null,
      link: { label: 'Look at it', href: paths.approveScript(scriptId) },
    }))
}
