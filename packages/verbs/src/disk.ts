import { defineVerb } from './verb.ts'

export const measureDisk = defineVerb({
  id: 'disk.usage',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: {},
  limits: [],
  runs: 'GET /v{V}/system/df, from API 1.42 on with the four constant types; one at a time, at most one a minute',
})
