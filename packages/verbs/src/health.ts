import { defineVerb } from './verb.ts'

export const probeHealth = defineVerb({
  id: 'health.probe',
  daemon: 'host-agent',
  risk: 'read',
  role: 'operator',
  service: true,
  args: {
    kind: { is: 'enum', of: ['http', 'tcp'] },
    target: { is: 'text', min: 1, max: 2_000 },
    timeoutMs: { is: 'int', min: 100, max: 30_000 },
    expectBody: { is: 'text', min: 1, max: 500, optional: true },
    method: { is: 'enum', of: ['GET', 'HEAD'], optional: true },
  },
  limits: [],
  runs: 'one request to a loopback origin of PROBE_ORIGINS; no redirect followed, no body kept',
})
