import { networkInterfaces } from 'node:os'
import { type Handled, handle } from '@console/verb-kit/handler'
import { DaemonError } from '@console/verb-kit/problem'
import * as rows from '@console/verbs/hermes'
import { readLogTail } from '../vm/read-log.ts'
import type { Instance } from './instances.ts'
import { healthOf, warningsOf } from './judge-instance.ts'
import { type Look, lookAtInstance, unknownLook } from './look-instance.ts'
import { readMemoryBodies } from './read-memory-bodies.ts'

/** The verbs, and the collecting behind them. */
export type HermesDesk = { readonly handled: Handled[]; stop(): void }
type Options = {
  readonly instances: readonly Instance[]
  readonly uid: number
  /** Below which the log of the watchdog lies. */
  readonly hostRoot: string
  readonly now: () => Date
  readonly look?: typeof lookAtInstance
  readonly everyMs?: number
}
type Snapshot = { readonly at: string; readonly looks: readonly Look[] }

const usualMs = 60_000
/** How long growth of a home is told over, at most. */
const growthMs = 86_400_000

/**
 * Looks at every instance once a minute from the first question on, so that a page opens at once: an answer is the last snapshot, which says how
 * old it is. Looks never pile up: the next begins a minute after the last has ended.
 */
export function openHermesDesk({ instances, uid, hostRoot, now, look = lookAtInstance, everyMs = usualMs }: Options): HermesDesk {
  const sizes = new Map<string, { readonly at: string; readonly bytes: number }[]>()
  let last: Promise<Snapshot> | null = null
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const collect = async (): Promise<Snapshot> => {
    const looks = await Promise.all(instances.map((one) => look(one, { uid, now }).catch(() => unknownLook(one, 'bad_output', now()))))
    for (const { instance, document, at } of looks) if (document) remember(instance.id, { at, bytes: document.disk.totalBytes })
    return { at: now().toISOString(), looks }
  }
  const remember = (id: string, size: { at: string; bytes: number }): void => {
    const since = Date.parse(size.at) - growthMs
    sizes.set(id, [...(sizes.get(id) ?? []).filter(({ at }) => Date.parse(at) >= since), size])
  }
  const again = (): void => {
    if (stopped) return
    timer = setTimeout(() => {
      const next = collect()
      // Until the new one is there, the old one is what is known.
      void next.then(() => {
        last = next
        again()
      })
    }, everyMs)
    timer.unref()
  }
  const snapshot = (): Promise<Snapshot> => {
    if (last === null) {
      last = collect()
      void last.then(again)
    }
    return last
  }
  const growthOf = (id: string) => {
    const [first, newest] = [sizes.get(id)?.[0], sizes.get(id)?.at(-1)]
    return first && newest && first !== newest ? { bytes: newest.bytes - first.bytes, since: first.at } : null
  }

  return {
    handled: [
      handle(rows.watchHermes, async () => {
        const { at, looks } = await snapshot()
        return {
          generatedAt: at,
          canChangeUser: uid === 0,
          host: { tailscale: tailscaleAddress(), watchdog: watchdogOf(hostRoot) },
          instances: looks.map((one) => ({ ...opsOf(one), growth: growthOf(one.instance.id) })),
          warnings: looks.flatMap((one) => warningsOf(one, now())),
        }
      }),
      handle(
        rows.readHermes,
        async ({ instance }) => {
          const { looks } = await snapshot()
          return telemetryOf(named(looks, instance, ({ instance: { id } }) => id))
        },
        { targetOf },
      ),
      handle(
        rows.readHermesMemory,
        async ({ instance }) => {
          return readMemoryBodies(
            named(instances, instance, ({ id }) => id),
            { uid, now },
          )
        },
        { targetOf },
      ),
    ],
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

const targetOf = ({ instance }: { readonly instance: string }): string => instance

/** @throws DaemonError HERMES_INSTANCE_NOT_FOUND */
function named<T>(all: readonly T[], name: string, idOf: (one: T) => string): T {
  const found = all.find((one) => idOf(one) === name)
  if (found === undefined)
    throw new DaemonError('HERMES_INSTANCE_NOT_FOUND', 404, `No instance of Hermes is called ${name}.`, { untouched: true })
  return found
}

function opsOf(one: Look) {
  const { instance, reason, document, unit, process, backup, answers } = one
  const { mainPid: _, ...shown } = unit
  const { startTicks: _ticks, ...gateway } = document?.gateway ?? noGateway
  return {
    ...{ id: instance.id, label: instance.label, user: instance.user, health: healthOf(one), reason },
    ...{ unit: shown, process, answers, backup },
    gateway: document ? gateway : { ...gateway, reason },
    disk: document?.disk ?? null,
  }
}
const noGateway = {
  ...{ status: 'unknown', reason: null, state: null, pid: null, startTicks: null },
  ...{ updatedAt: null, activeAgents: null, platforms: [] },
} as const

function telemetryOf({ instance, at, reason, document }: Look) {
  const { sessions = null, cron = null, memory = null, skills = null, memoryFacts = null, ticker = null } = document ?? {}
  const { id, label, memoryBodies } = instance
  return { instance: id, label, generatedAt: at, reason, sessions, cron, ticker, memory, memoryFacts, memoryBodies, skills }
}

/** This machine's address in the network of Tailscale; null where there is none. */
function tailscaleAddress(): string | null {
  const [found] = (networkInterfaces().tailscale0 ?? []).filter(({ family }) => family === 'IPv4')
  return found?.address ?? null
}

function watchdogOf(root: string) {
  const { state, changedAt, lines } = readLogTail(root, 'watchdog', 1)
  return { state, changedAt, lastLine: lines.at(-1)?.text ?? null }
}
