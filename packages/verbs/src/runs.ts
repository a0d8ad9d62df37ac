import { defineVerb } from './verb.ts'

export const startRun = defineVerb({
  id: 'runs.start',
  daemon: 'host-agent',
  risk: 'change',
  role: 'operator',
  service: false,
  args: {
    runId: { is: 'id' },
    scriptId: { is: 'id' },
    serviceId: { is: 'id' },
    reason: { is: 'text', min: 3, max: 500 },
    onBusy: { is: 'enum', of: ['queue', 'refuse'] },
    variables: { is: 'values', max: 50, maxBytes: 8_192 },
    secretNames: { is: 'list', of: { is: 'text', min: 1, max: 64 }, max: 50 },
  },
  limits: [{ per: 'serviceId', max: 30, windowMs: 60_000 }],
  runs: "bash --noprofile --norc /proc/self/fd/3, descriptor 3 being the agent's private copy of the approved bytes; as the row's user, in a transient unit or a process group",
  secretArgs: ['variables'],
})

export const listRuns = defineVerb({
  id: 'runs.list',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: {
    serviceId: { is: 'id', optional: true },
    state: { is: 'enum', of: ['open', 'all'], optional: true },
    limit: { is: 'int', min: 1, max: 500, optional: true },
  },
  limits: [],
  runs: "none: the agent's own run files",
})

export const getRun = defineVerb({
  id: 'runs.get',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: { runId: { is: 'id' } },
  limits: [],
  runs: "none: the agent's own run file",
})

export const readRunLog = defineVerb({
  id: 'runs.log',
  daemon: 'host-agent',
  risk: 'read',
  role: 'operator',
  service: true,
  stream: true,
  args: {
    runId: { is: 'id' },
    after: { is: 'int', min: 0, max: Number.MAX_SAFE_INTEGER, optional: true },
    limit: { is: 'int', min: 1, max: 5_000, optional: true },
    follow: { is: 'bool', optional: true },
  },
  limits: [],
  runs: "none: the run's own output file",
})

export const cancelRun = defineVerb({
  id: 'runs.cancel',
  daemon: 'host-agent',
  risk: 'change',
  role: 'operator',
  service: true,
  args: { runId: { is: 'id' }, reason: { is: 'text', min: 3, max: 500 } },
  limits: [{ per: 'actor', max: 60, windowMs: 60_000 }],
  essential: true,
  runs: "TERM, then KILL, to the run's whole cgroup or process group; with a service key only a run that still waits",
})
