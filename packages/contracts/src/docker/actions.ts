import * as verbs from '@console/verbs/containers'
import { getEngine } from '@console/verbs/engine'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { queryInt, zodOf } from '../args.ts'
import { ContainerRef, Instant, Reason } from '../shapes.ts'
import { Container, ContainerDetail, ContainerStats, Freshness, LogBatch, LogLine } from './schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const nameParam = z.strictObject({ name: ContainerRef })
const containerList = z.strictObject({
  items: z.array(Container),
  nextCursor: z.null(),
  asOf: Instant.nullable(),
  freshness: Freshness,
  engine: z.strictObject({ version: z.string(), apiVersion: z.string() }).nullable(),
})
const logQuery = {
  tail: queryInt(1, 5_000).optional(),
  since: queryInt(0, 4_102_444_800).optional(),
  until: queryInt(0, 4_102_444_800).optional(),
  streams: z.enum(['both', 'stdout', 'stderr']).optional(),
}

export const listContainers = defineAction({
  ...at,
  id: 'vm.container.list',
  method: 'GET',
  path: '/vm/containers',
  verb: verbs.listContainers,
  summary: 'List containers: restarting and unhealthy ones first.',
  reads: [getEngine],
  query: z.strictObject({ state: z.enum(['running', 'exited', 'all']).optional() }),
  success: { status: 200, body: containerList },
  errors: ['DOCKER_PROXY_AWAY'],
})

export const listUnhealthyContainers = defineAction({
  ...at,
  id: 'vm.container.listUnhealthy',
  method: 'GET',
  path: '/vm/containers/unhealthy',
  verb: verbs.listContainers,
  summary: 'List containers that are unhealthy, restarting or were killed.',
  success: { status: 200, body: containerList },
  errors: ['DOCKER_PROXY_AWAY'],
})

export const getContainer = defineAction({
  ...at,
  id: 'vm.container.get',
  method: 'GET',
  path: '/vm/containers/:name',
  verb: verbs.inspectContainer,
  summary: 'Read one container.',
  params: nameParam,
  success: { status: 200, body: z.strictObject({ container: ContainerDetail, asOf: Instant.nullable(), freshness: Freshness }) },
  errors: [
    'DOCKER_PROXY_AWAY',
    'DOCKER_ENGINE_AWAY',
    'DOCKER_ENGINE_VERSION',
    'DOCKER_ENGINE_ERROR',
    'DOCKER_CONTAINER_NOT_FOUND',
    'DOCKER_CONTAINER_AMBIGUOUS',
  ],
})

export const getContainerStats = defineAction({
  ...at,
  id: 'vm.containerStats.get',
  method: 'GET',
  path: '/vm/containers/:name/stats',
  verb: verbs.measureContainer,
  summary: 'Measure one container once.',
  params: nameParam,
  success: { status: 200, body: ContainerStats },
  errors: [
    'DOCKER_PROXY_AWAY',
    'DOCKER_ENGINE_AWAY',
    'DOCKER_ENGINE_VERSION',
    'DOCKER_ENGINE_ERROR',
    'DOCKER_CONTAINER_NOT_FOUND',
    'DOCKER_CONTAINER_AMBIGUOUS',
    'DOCKER_CONTAINER_STATE',
  ],
})

export const listContainerLines = defineAction({
  ...at,
  id: 'vm.containerLog.list',
  method: 'GET',
  path: '/vm/containers/:name/logs',
  verb: verbs.readContainerLog,
  summary: 'Read the last lines of a container’s log.',
  params: nameParam,
  query: z.strictObject(logQuery),
  success: { status: 200, body: z.strictObject({ items: z.array(LogLine), nextCursor: z.null() }) },
  errors: [
    'DOCKER_PROXY_AWAY',
    'DOCKER_ENGINE_AWAY',
    'DOCKER_ENGINE_VERSION',
    'DOCKER_ENGINE_ERROR',
    'DOCKER_CONTAINER_NOT_FOUND',
    'DOCKER_CONTAINER_AMBIGUOUS',
    'STREAM_LIMIT',
  ],
})

export const streamContainerLines = defineAction({
  ...at,
  id: 'vm.containerLog.stream',
  method: 'GET',
  path: '/vm/containers/:name/logs/stream',
  verb: verbs.readContainerLog,
  summary: 'Follow a container’s log.',
  params: nameParam,
  query: z.strictObject({ tail: logQuery.tail, since: logQuery.since, streams: logQuery.streams }),
  success: {
    status: 200,
    stream: [
      { event: 'lines', data: LogBatch },
      { event: 'ended', data: z.strictObject({ reason: z.string() }) },
    ],
  },
  errors: [
    'DOCKER_PROXY_AWAY',
    'DOCKER_ENGINE_AWAY',
    'DOCKER_ENGINE_VERSION',
    'DOCKER_ENGINE_ERROR',
    'DOCKER_CONTAINER_NOT_FOUND',
    'DOCKER_CONTAINER_AMBIGUOUS',
    'STREAM_LIMIT',
  ],
})

const exportErrors = streamContainerLines.errors
const exportQuery = z.strictObject({ tail: logQuery.tail, since: logQuery.since, until: logQuery.until })

export const exportContainerLines = defineAction({
  ...at,
  id: 'vm.containerLog.export',
  method: 'GET',
  path: '/vm/containers/:name/logs/export',
  verb: verbs.readContainerLog,
  summary: 'Download the last lines of a container’s log, made safe for a terminal.',
  params: nameParam,
  query: exportQuery,
  success: { status: 200, file: 'text/plain' },
  errors: exportErrors,
  audit: { target: { param: 'name' }, fields: {} },
})

export const exportRawContainerLines = defineAction({
  ...at,
  id: 'vm.containerLog.exportRaw',
  method: 'GET',
  path: '/vm/containers/:name/logs/export/raw',
  risk: 'read',
  role: 'admin',
  reads: [verbs.readContainerLog],
  summary: 'Download the last lines of a container’s log as they were written, escape sequences and all.',
  params: nameParam,
  query: exportQuery,
  success: { status: 200, file: 'text/plain' },
  errors: exportErrors,
  audit: { target: { param: 'name' }, fields: {} },
})

export const restartContainer = defineAction({
  ...at,
  id: 'vm.container.restart',
  method: 'POST',
  path: '/vm/containers/:name/restart',
  verb: verbs.restartContainer,
  summary: 'Restart a container.',
  params: nameParam,
  body: z.strictObject({ reason: Reason, waitSec: zodOf({ is: 'int', min: 0, max: 60 }).optional() }),
  success: {
    status: 200,
    body: z.strictObject({ ok: z.literal(true), id: z.string(), name: z.string(), startedAt: Instant.nullable(), durationMs: z.int() }),
  },
  errors: [
    'DOCKER_PROXY_AWAY',
    'DOCKER_ENGINE_AWAY',
    'DOCKER_ENGINE_VERSION',
    'DOCKER_ENGINE_ERROR',
    'DOCKER_CONTAINER_NOT_FOUND',
    'DOCKER_CONTAINER_AMBIGUOUS',
    'DOCKER_CONTAINER_STATE',
    'DOCKER_ACTION_BUSY',
    'PROTECTED',
  ],
  audit: { target: { param: 'name' }, fields: { reason: 'keep', waitSec: 'keep' } },
  confirm: 'Its processes are asked to stop, then killed after the wait. Connections that it holds are cut.',
})
