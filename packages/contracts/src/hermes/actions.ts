import { readHermes, readHermesMemory, watchHermes } from '@console/verbs/hermes'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { HermesMemory, HermesOps, HermesTelemetry, InstanceId } from './schemas.ts'

const at = { api: 'devops', auth: 'session', method: 'GET' } as const

export const getHermesOps = defineAction({
  ...at,
  id: 'hermes.ops.get',
  path: '/hermes/ops',
  verb: watchHermes,
  summary: 'Tell how the agents of this host are: units, processes, disk use, backups and what needs somebody.',
  success: { status: 200, body: HermesOps },
  errors: ['HOST_AGENT_AWAY'],
})

export const getHermesTelemetry = defineAction({
  ...at,
  id: 'hermes.telemetry.get',
  path: '/hermes/telemetry/:instance',
  verb: readHermes,
  summary: 'Tell what an agent knows and does: sessions, cron jobs, memory and skills, never what was said.',
  params: z.strictObject({ instance: InstanceId }),
  success: { status: 200, body: HermesTelemetry },
  errors: ['HOST_AGENT_AWAY', 'HERMES_INSTANCE_NOT_FOUND'],
})

export const getHermesMemory = defineAction({
  ...at,
  id: 'hermes.memory.get',
  path: '/hermes/memory/:instance',
  verb: readHermesMemory,
  summary:
    'Read what an agent remembers and what it knows of its person, word for word, where the host opens it; each reading is on record.',
  params: z.strictObject({ instance: InstanceId }),
  success: { status: 200, body: HermesMemory, secret: true },
  errors: ['HOST_AGENT_AWAY', 'HERMES_INSTANCE_NOT_FOUND', 'HERMES_MEMORY_OFF'],
  audit: { target: { param: 'instance' }, fields: {} },
})
