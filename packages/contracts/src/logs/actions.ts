import { readContainerLog } from '@console/verbs/containers'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { queryInt } from '../args.ts'
import { LogBatch } from '../docker/schemas.ts'
import { ContainerRef } from '../shapes.ts'

const at = { api: 'devops', auth: 'session' } as const
/** Whole names, separated by commas; at most 20. */
const ContainerNames = z
  .string()
  .max(2_600)
  .transform((text) => text.split(','))
  .pipe(z.array(ContainerRef).min(1).max(20))

export const listLogSources = defineAction({
  ...at,
  id: 'logs.source.list',
  method: 'GET',
  path: '/logs/sources',
  risk: 'read',
  role: 'operator',
  summary: 'List what has a log.',
  success: {
    status: 200,
    body: z.strictObject({
      items: z.array(z.strictObject({ name: z.string(), id: z.string(), state: z.string(), project: z.string().nullable() })),
      nextCursor: z.null(),
    }),
  },
  errors: ['DOCKER_PROXY_AWAY'],
})

export const streamLogs = defineAction({
  ...at,
  id: 'logs.line.stream',
  method: 'GET',
  path: '/logs/stream',
  verb: readContainerLog,
  summary: 'Follow the logs of several containers, merged.',
  query: z.strictObject({ c: ContainerNames, tail: queryInt(1, 1_000).optional() }),
  success: {
    status: 200,
    stream: [
      { event: 'lines', data: LogBatch },
      { event: 'ended', data: z.strictObject({ container: z.string(), reason: z.string() }) },
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
