import { defineVerb } from './verb.ts'

export const measureDisk = defineVerb({
  id: 'disk.usage',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'viewer',
  service: true,
  /** With `again` it is measured anew where the last time is five seconds ago, else a minute. */
  args: { again: { is: 'bool', optional: true } },
  limits: [],
  runs: 'GET /v{V}/system/df, from API 1.42 on with the four constant types; one at a time, at most one a minute, or one in five seconds where somebody asks for it',
})
