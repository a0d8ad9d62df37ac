import { defineVerb } from './verb.ts'

export const getEngine = defineVerb({
  id: 'engine.info',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: {},
  limits: [],
  runs: 'GET /_ping and GET /v{V}/version, at start and after each reconnect',
})

export const watchEvents = defineVerb({
  id: 'events',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: {},
  limits: [],
  stream: true,
  runs: 'none: changes of the live model, which alone reads GET /v{V}/events',
})
