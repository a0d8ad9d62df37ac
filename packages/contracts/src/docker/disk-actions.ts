import * as verbs from '@console/verbs/disk'
import { defineAction } from '../action.ts'
import { DiskUse } from './disk-schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const engineErrors = ['DOCKER_PROXY_AWAY', 'DOCKER_ENGINE_AWAY', 'DOCKER_ENGINE_VERSION', 'DOCKER_ENGINE_ERROR'] as const

export const getDockerStats = defineAction({
  ...at,
  id: 'docker.stats.get',
  method: 'GET',
  path: '/docker/stats',
  verb: verbs.measureDisk,
  summary: 'Read what Docker takes of the disk, and what of it can go.',
  success: { status: 200, body: DiskUse },
  errors: [...engineErrors],
})
