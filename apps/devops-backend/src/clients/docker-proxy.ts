import { CleanupPlan, CleanupReceipt, DiskUse } from '@console/contracts/docker/disk-schemas'
import { Container, ContainerDetail, ContainerStats, Freshness } from '@console/contracts/docker/schemas'
import { Digest, Instant } from '@console/contracts/shapes'
import type { Context } from '@console/http-kit/context'
import * as cleanup from '@console/verbs/cleanup'
import * as verbs from '@console/verbs/containers'
import { measureDisk } from '@console/verbs/disk'
import { getEngine, watchEvents } from '@console/verbs/engine'
import type { ArgsOf } from '@console/verbs/verb'
import { z } from 'zod'
import { type Ask, type DaemonClient, parsedBy } from './daemon-client.ts'

const Engine = z.object({ version: z.string(), apiVersion: z.string() })
const ContainerList = z.object({ items: z.array(Container), asOf: Instant.nullable(), freshness: Freshness, engine: Engine.optional() })
const Inspection = z.object({ container: ContainerDetail, asOf: Instant.nullable(), freshness: Freshness })
const Restarted = z.strictObject({
  ok: z.literal(true),
  id: z.string(),
  name: z.string(),
  startedAt: Instant.nullable(),
  durationMs: z.int(),
})
const Line = z.object({
  at: Instant,
  stream: z.enum(['out', 'err']),
  text: z.string(),
  cut: z.boolean().optional(),
  masked: z.int().optional(),
})
const Mark = z.object({ mark: z.string().regex(/^[0-9a-f]{16}\.[0-9]{1,15}$/) })
const LogEvent = z.union([Line, z.object({ skipped: z.int() }), z.object({ ended: z.string() })])
const MarkedEvent = z.union([LogEvent, Mark])
const Planned = z.strictObject({ plan: CleanupPlan, digest: Digest })
const Carried = z.strictObject({ receipt: CleanupReceipt })
const Receipts = z.strictObject({ items: z.array(CleanupReceipt) })
const ModelEvent = z.union([
  z.object({ at: z.string(), kind: z.literal('container'), id: z.string(), name: z.string(), action: z.string(), version: z.int() }),
  z.object({ freshness: Freshness, asOf: Instant.nullable() }),
])

export type ContainerList = z.infer<typeof ContainerList>
export type LogEvent = z.infer<typeof LogEvent>
export type Line = z.infer<typeof Line>
/** A log as it is followed for several readers: `mark` says up to where a shared reader of docker-proxy has come. */
export type MarkedEvent = z.infer<typeof MarkedEvent>
export type ModelEvent = z.infer<typeof ModelEvent>
type LogInput = {
  container: string
  tail?: number
  since?: number
  until?: number
  follow?: boolean
  streams?: 'both' | 'stdout' | 'stderr'
}

/** docker-proxy, and how it is asked in the name of whoever sent a request. */
export type DockerDeps = { readonly docker: DockerProxy; readonly askAs: (ctx: Context) => Ask }
export type DockerProxy = ReturnType<typeof dockerProxyOver>

/** docker-proxy's verbs as functions; every answer is checked before it is believed. */
export function dockerProxyOver(client: DaemonClient) {
  return {
    async info(ask: Ask) {
      return Engine.parse(await client.call(getEngine, {}, ask))
    },
    async list(state: 'running' | 'exited' | 'all', ask: Ask): Promise<ContainerList> {
      return ContainerList.parse(await client.call(verbs.listContainers, { state }, ask))
    },
    async inspect(container: string, ask: Ask) {
      return Inspection.parse(await client.call(verbs.inspectContainer, { container }, ask))
    },
    async stats(container: string, ask: Ask) {
      return ContainerStats.parse(await client.call(verbs.measureContainer, { container }, ask))
    },
    async restart(input: { container: string; waitSec?: number }, ask: Ask) {
      return Restarted.parse(await client.call(verbs.restartContainer, input, ask))
    },
    async logs(input: LogInput, ask: Ask): Promise<AsyncIterable<LogEvent>> {
      return parsedBy(LogEvent, await client.stream(verbs.readContainerLog, input, ask))
    },
    async follow(input: Omit<LogInput, 'follow' | 'until'>, ask: Ask): Promise<AsyncIterable<MarkedEvent[]>> {
      return markedIn(await client.streamInBlocks(verbs.readContainerLog, { ...input, follow: true, marks: true }, ask))
    },
    async diskUse(again: boolean, ask: Ask) {
      return DiskUse.parse(await client.call(measureDisk, again ? { again } : {}, ask))
    },
    async planCleanup(input: ArgsOf<typeof cleanup.planCleanup>, ask: Ask) {
      return Planned.parse(await client.call(cleanup.planCleanup, input, ask))
    },
    async runCleanup(input: ArgsOf<typeof cleanup.runCleanup>, ask: Ask) {
      return Carried.parse(await client.call(cleanup.runCleanup, input, ask))
    },
    async cleanups(limit: number, ask: Ask) {
      return Receipts.parse(await client.call(cleanup.listCleanups, { limit }, ask))
    },
    /** Remembers the images that a service runs after a good deploy. */
    async protectImages(serviceId: string, images: string[], ask: Ask): Promise<void> {
      await client.call(cleanup.protectImages, { serviceId, images }, ask)
    },
    async events(ask: Ask): Promise<AsyncIterable<ModelEvent>> {
      return parsedBy(ModelEvent, await client.stream(watchEvents, {}, ask))
    },
  }
}

async function* markedIn(blocks: AsyncIterable<unknown[]>): AsyncIterable<MarkedEvent[]> {
  const times = { known: '' }
  for await (const values of blocks) yield values.map((value) => (isLine(value, times) ? value : MarkedEvent.parse(value)))
}

const fields = new Set(['at', 'stream', 'text', 'cut', 'masked'])

/** The schema of a line by hand, since a busy log has a hundred thousand of them a second; whatever it is not sure of, the schema decides. */
function isLine(value: unknown, times: { known: string }): value is Line {
  const { at, stream, text, cut, masked } = value as Record<string, unknown>
  if (typeof text !== 'string' || (stream !== 'out' && stream !== 'err') || typeof at !== 'string') return false
  if (cut !== undefined || masked !== undefined) return false
  for (const name in value as object) if (!fields.has(name)) return false
  if (at === times.known) return true
  if (!Instant.safeParse(at).success) return false
  times.known = at
  return true
}
