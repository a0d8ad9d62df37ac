import { defineVerb } from './verb.ts'

export const planCleanup = defineVerb({
  id: 'cleanup.plan',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'operator',
  service: false,
  args: {
    kinds: { is: 'list', of: { is: 'enum', of: ['containers', 'images', 'volumes', 'build-cache'] }, max: 4 },
    images: { is: 'enum', of: ['dangling', 'unused'], optional: true },
    volumes: { is: 'list', of: { is: 'text', min: 1, max: 255 }, max: 500, optional: true },
  },
  limits: [{ per: 'actor', max: 30, windowMs: 60_000 }],
  runs: 'GET /v{V}/system/df, from API 1.42 on with the four constant types, beside the live model; it removes nothing',
})

export const runCleanup = defineVerb({
  id: 'cleanup.run',
  daemon: 'docker-proxy',
  risk: 'destroy',
  role: 'admin',
  service: false,
  args: { digest: { is: 'digest' }, reason: { is: 'text', min: 3, max: 500, optional: true } },
  limits: [{ per: 'host', max: 60, windowMs: 60_000 }],
  essential: true,
  runs:
    'one call an object of the plan, each after another look at it: DELETE /v{V}/containers/{ID}, DELETE /v{V}/images/{ID or tag}?noprune=1, ' +
    'DELETE /v{V}/volumes/{name}, POST /v{V}/build/prune?filters={"id":["{cacheId}"]}; never by force',
})

export const listCleanups = defineVerb({
  id: 'cleanup.list',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: { limit: { is: 'int', min: 1, max: 100, optional: true } },
  limits: [],
  runs: "none: the daemon's own receipts, one under way among them",
})

export const protectImages = defineVerb({
  id: 'images.protect',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'admin',
  service: true,
  args: { serviceId: { is: 'id' }, images: { is: 'list', of: { is: 'text', min: 71, max: 71 }, max: 20 } },
  limits: [],
  runs: "GET /v{V}/containers/json?all=1; remembers images that run now as those of a service's good deploy; it removes nothing",
})
