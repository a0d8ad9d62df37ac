import { z } from 'zod'
import { Instant } from '../shapes.ts'

export const ContainerState = z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'])
export const ContainerHealth = z.enum(['healthy', 'unhealthy', 'starting', 'none'])
export const Freshness = z.enum(['live', 'reconciling', 'stale', 'away'])

/** A container, projected by docker-proxy: no environment, no command, allow-listed labels only. */
export const Container = z.strictObject({
  id: z.string(),
  name: z.string(),
  names: z.array(z.string()),
  image: z.string(),
  imageId: z.string(),
  createdAt: Instant,
  state: ContainerState,
  status: z.string(),
  health: ContainerHealth,
  ports: z.array(z.strictObject({ private: z.int(), public: z.int().nullable(), type: z.string(), address: z.string().optional() })),
  networks: z.array(z.string()),
  mounts: z.array(z.strictObject({ type: z.string(), destination: z.string(), writable: z.boolean() })),
  labels: z.record(z.string(), z.string()),
  restartCount: z.int().nullable(),
  exitCode: z.int().nullable(),
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
  oomKilled: z.boolean(),
  project: z.string().nullable(),
  service: z.string().nullable(),
  /** A part of the console itself: never restarted from here. */
  protected: z.boolean(),
})
export type Container = z.infer<typeof Container>

export const ContainerDetail = Container.extend({
  tty: z.boolean(),
  user: z.string(),
  restartPolicy: z.strictObject({ name: z.string(), maximumRetryCount: z.int() }),
  memoryLimitBytes: z.number().nullable(),
  cpuLimit: z.number().nullable(),
  pidsLimit: z.int().nullable(),
  networkMode: z.string(),
  privileged: z.boolean(),
  readonlyRootfs: z.boolean(),
  capAdd: z.array(z.string()),
  capDrop: z.array(z.string()),
  exposedPorts: z.array(z.string()),
  stopTimeoutSec: z.int().nullable(),
  envCount: z.int(),
  healthLog: z.array(z.strictObject({ start: z.string(), end: z.string(), exitCode: z.int() })),
  failingStreak: z.int(),
})
export type ContainerDetail = z.infer<typeof ContainerDetail>

export const ContainerStats = z.strictObject({
  readAt: Instant,
  cpuPercent: z.number().nullable(),
  onlineCpus: z.int(),
  memoryUsedBytes: z.number(),
  memoryLimitBytes: z.number().nullable(),
  networkRxBytes: z.number(),
  networkTxBytes: z.number(),
  blockReadBytes: z.number(),
  blockWriteBytes: z.number(),
  pids: z.int(),
})
export type ContainerStats = z.infer<typeof ContainerStats>

/** A line of a container's log; `cut` when it was longer than 16 KiB, `masked` how many secrets were covered. */
export const LogLine = z.strictObject({
  container: z.string(),
  at: Instant,
  stream: z.enum(['out', 'err']),
  text: z.string(),
  cut: z.boolean().optional(),
  masked: z.int().optional(),
})
export type LogLine = z.infer<typeof LogLine>
/** Several lines in one event; `skipped` counts what this viewer was too slow for. */
export const LogBatch = z.strictObject({ items: z.array(LogLine), skipped: z.int() })
