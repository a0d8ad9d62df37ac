import { defineVerb } from './verb.ts'

/** Ollama on this host's loopback. Its names are checked by pattern; nothing else of a caller reaches it. */
export const listModels = defineVerb({
  id: 'ollama.list',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: {},
  limits: [{ per: 'actor', max: 240, windowMs: 60_000 }],
  runs: "GET /api/version, /api/tags and /api/ps at 127.0.0.1:{OLLAMA_PORT}; and the agent's own record of pulls and of when a model was seen loaded",
})

export const unloadModel = defineVerb({
  id: 'ollama.unload',
  daemon: 'host-agent',
  risk: 'change',
  role: 'operator',
  service: false,
  args: { name: { is: 'model' }, reason: { is: 'text', min: 3, max: 500, optional: true } },
  limits: [{ per: 'name', max: 6, windowMs: 60_000 }],
  runs: 'GET /api/ps, then POST /api/generate {"model":"{name}","keep_alive":0,"stream":false} at 127.0.0.1:{OLLAMA_PORT}, only for a model that is loaded',
})

export const pullModel = defineVerb({
  id: 'ollama.pull',
  daemon: 'host-agent',
  risk: 'change',
  role: 'operator',
  service: false,
  args: { name: { is: 'model' }, reason: { is: 'text', min: 3, max: 500, optional: true } },
  limits: [{ per: 'host', max: 20, windowMs: 3_600_000 }],
  runs: 'POST /api/pull {"model":"{name}","stream":true} at 127.0.0.1:{OLLAMA_PORT}, one at a time, from registries of OLLAMA_REGISTRIES alone; it goes on whoever watches',
})

export const cancelPull = defineVerb({
  id: 'ollama.cancel',
  daemon: 'host-agent',
  risk: 'change',
  role: 'operator',
  service: false,
  args: { pullId: { is: 'id' } },
  limits: [{ per: 'actor', max: 60, windowMs: 60_000 }],
  essential: true,
  runs: 'none: closes the connection of a pull that is under way, upon which Ollama ends it',
})

export const planDelete = defineVerb({
  id: 'ollama.plan',
  daemon: 'host-agent',
  risk: 'read',
  role: 'operator',
  service: false,
  args: { name: { is: 'model' } },
  limits: [{ per: 'actor', max: 60, windowMs: 60_000 }],
  runs: 'GET /api/tags and /api/ps at 127.0.0.1:{OLLAMA_PORT}: which model a deletion would remove, and what it frees; it removes nothing',
})

export const deleteModel = defineVerb({
  id: 'ollama.delete',
  daemon: 'host-agent',
  risk: 'destroy',
  role: 'admin',
  service: false,
  args: { name: { is: 'model' }, digest: { is: 'digest' }, reason: { is: 'text', min: 3, max: 500, optional: true } },
  limits: [{ per: 'host', max: 60, windowMs: 60_000 }],
  essential: true,
  runs: 'GET /api/tags and /api/ps, then DELETE /api/delete {"model":"{name}"} at 127.0.0.1:{OLLAMA_PORT}, only where the name still has the digest of the plan',
})
