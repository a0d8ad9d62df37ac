import { watchEvents } from '@console/verbs/engine'
import { z } from 'zod'
import { defineAction } from '../action.ts'

/** What a live update is about. The client fetches the thing again; nothing else travels. */
export const EventTopic = z.enum([
  'service',
  'deployment',
  'health',
  'incident',
  'container',
  'script',
  'audit',
  'part',
  'settings',
  'codeRun',
])
export const ConsoleEvent = z.strictObject({ topic: EventTopic, id: z.string(), version: z.int() })
export type ConsoleEvent = z.infer<typeof ConsoleEvent>

export const streamEvents = defineAction({
  id: 'events.change.stream',
  api: 'devops',
  method: 'GET',
  path: '/events',
  auth: 'session',
  risk: 'read',
  summary: 'Follow what changes.',
  reads: [watchEvents],
  success: { status: 200, stream: [{ event: 'change', data: ConsoleEvent }] },
  errors: ['STREAM_LIMIT'],
})
