import { defineVerb } from './verb.ts'

export const listContainers = defineVerb({
  id: 'containers.list',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: { state: { is: 'enum', of: ['running', 'exited', 'all'], optional: true } },
  limits: [],
  runs: 'none: the live model answers, kept by GET /v{V}/containers/json?all=1 and the event stream',
})

export const inspectContainer = defineVerb({
  id: 'containers.inspect',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: { container: { is: 'ref' } },
  limits: [],
  runs: 'GET /v{V}/containers/{ID}/json, projected; answered from the live model',
})

export const measureContainer = defineVerb({
  id: 'containers.stats',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'operator',
  service: false,
  args: { container: { is: 'ref' } },
  limits: [{ per: 'actor', max: 120, windowMs: 60_000 }],
  runs: 'GET /v{V}/containers/{ID}/stats?stream=false&one-shot=true',
})

export const readContainerLog = defineVerb({
  id: 'containers.logs',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'operator',
  service: true,
  stream: true,
  args: {
    container: { is: 'ref' },
    tail: { is: 'int', min: 1, max: 5_000, optional: true },
    since: { is: 'int', min: 0, max: 4_102_444_800, optional: true },
    until: { is: 'int', min: 0, max: 4_102_444_800, optional: true },
    follow: { is: 'bool', optional: true },
    streams: { is: 'enum', of: ['both', 'stdout', 'stderr'], optional: true },
    marks: { is: 'bool', optional: true },
  },
  limits: [{ per: 'actor', max: 600, windowMs: 60_000 }],
  runs: 'GET /v{V}/containers/{ID}/logs?stdout=1&stderr=1&timestamps=1&tail={n} with optional since, until, follow=1',
})

export const restartContainer = defineVerb({
  id: 'containers.restart',
  daemon: 'docker-proxy',
  risk: 'change',
  role: 'operator',
  service: false,
  args: { container: { is: 'ref' }, waitSec: { is: 'int', min: 0, max: 60, optional: true } },
  limits: [{ per: 'container', max: 3, windowMs: 300_000 }],
  essential: true,
  runs: 'POST /v{V}/containers/{ID}/restart?t={waitSec}',
})
