import type { Lamp } from '@console/console/navigation.ts'
import type { HermesWarning } from '@console/contracts/hermes/schemas'
import { type FullDisk, isFull, percentText } from '../../lib/metric-words.ts'
import { paths } from '../../lib/paths.ts'

const certificateSoonDays = 14
const certificateNowDays = 3

type AgentsSeen = { readonly n: number; readonly bad: boolean; readonly instance: string | null }

/** What the lamps look at; null where it is not known. */
export type Deviations = {
  readonly down: number
  readonly degraded: number
  readonly failedDeploys: number
  readonly sickContainers: number
  readonly containersUnknown: boolean
  /** The fullest; null where none is known. */
  readonly disk: FullDisk | null
  readonly certificateDays: number | null
  /** Scheduled jobs of the host that need a look; null where they are not known. */
  readonly jobs: { readonly n: number; readonly bad: boolean } | null
  /** Warnings of the agents that are more than good to know, and the instance of the worst; null where they are not known. */
  readonly agents: AgentsSeen | null
  readonly audit: { readonly state: string; readonly detail: string } | null
  readonly partsAway: readonly string[]
  readonly eventsLost: boolean
}

/** The annunciator: fixed order, fixed words, lit only on deviation. */
export function lampsOf(seen: Deviations): Lamp[] {
  return [
    servicesLamp(seen),
    deploysLamp(seen),
    containersLamp(seen),
    diskLamp(seen),
    certificatesLamp(seen),
    jobsLamp(seen),
    agentsLamp(seen),
    auditLamp(seen),
    consoleLamp(seen),
  ]
}

function servicesLamp({ down, degraded }: Deviations): Lamp {
  const n = down + degraded
  return {
    label: n > 0 ? `Services ${n}` : 'Services',
    says: n > 0 ? `${down} down, ${degraded} degraded` : 'none is down',
    href: paths.services,
    kind: down > 0 ? 'bad' : 'warn',
    lit: n > 0,
  }
}

function deploysLamp({ failedDeploys: n }: Deviations): Lamp {
  return {
    label: n > 0 ? `Deploys ${n}` : 'Deploys',
    says: n > 0 ? `${n} failed at their last run` : 'none failed',
    href: `${paths.deployments}?state=failed`,
    kind: 'bad',
    lit: n > 0,
  }
}

function containersLamp({ sickContainers: n, containersUnknown }: Deviations): Lamp {
  if (containersUnknown)
    return { label: 'Containers ?', says: 'Docker does not answer', href: paths.containers, kind: 'unknown', lit: true }
  return {
    label: n > 0 ? `Containers ${n}` : 'Containers',
    says: n > 0 ? `${n} need a look` : 'none is unhealthy',
    href: `${paths.containers}?show=unhealthy`,
    kind: 'warn',
    lit: n > 0,
  }
}

function diskLamp({ disk }: Deviations): Lamp {
  const full = isFull(disk)
  return {
    label: full ? `Disk ${percentText(disk.percent)}` : 'Disk',
    says: disk === null ? 'not measured' : `${disk.mount} is ${percentText(disk.percent)} full`,
    href: paths.system,
    kind: 'warn',
    lit: full,
  }
}

function certificatesLamp({ certificateDays: days }: Deviations): Lamp {
  const soon = days !== null && days <= certificateSoonDays
  return {
    label: soon ? `Certificates ${days} d` : 'Certificates',
    says: days === null ? 'none measured' : `the next expires in ${days} days`,
    href: paths.health,
    kind: soon && days < certificateNowDays ? 'bad' : 'warn',
    lit: soon,
  }
}

function jobsLamp({ jobs }: Deviations): Lamp {
  const n = jobs?.n ?? 0
  return {
    label: n > 0 ? `Jobs ${n}` : 'Jobs',
    says: jobs === null ? 'not known to you' : n > 0 ? `${n} failed, broke off or did not come` : 'none failed',
    href: `${paths.vm}${n > 0 ? '?jobs=look' : ''}`,
    kind: jobs?.bad ? 'bad' : 'warn',
    lit: n > 0,
  }
}

/** What is only good to know lights nothing. The warnings of one instance come with the worst first. */
export function agentsNeedingLook(warnings: readonly Pick<HermesWarning, 'severity' | 'instance'>[]): AgentsSeen {
  const real = warnings.filter(({ severity }) => severity !== 'info')
  const worst = real.find(({ severity }) => severity === 'bad') ?? real[0]
  return { n: real.length, bad: worst?.severity === 'bad', instance: worst?.instance ?? null }
}

function agentsLamp({ agents }: Deviations): Lamp {
  const n = agents?.n ?? 0
  return {
    label: n > 0 ? `Agents ${n}` : 'Agents',
    says: agents === null ? 'not known' : n > 0 ? `${n} ${n === 1 ? 'warning' : 'warnings'}` : 'none needs a look',
    href: paths.hermes(agents?.instance ?? undefined),
    kind: agents?.bad ? 'bad' : 'warn',
    lit: n > 0,
  }
}

function auditLamp({ audit }: Deviations): Lamp {
  return {
    label: 'Audit',
    says: audit?.detail ?? 'not looked at yet',
    href: paths.audit,
    kind: 'bad',
    lit: audit !== null && audit.state !== 'up',
  }
}

function consoleLamp({ partsAway, eventsLost }: Deviations): Lamp {
  return {
    label: partsAway.length > 0 ? `Console ${partsAway.length}` : 'Console',
    says: partsAway.length > 0 ? `${partsAway.join(', ')} away` : eventsLost ? 'news do not arrive' : 'all parts answer',
    href: paths.privileges,
    kind: partsAway.length > 0 ? 'bad' : 'warn',
    lit: partsAway.length > 0 || eventsLost,
  }
}
