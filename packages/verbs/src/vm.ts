import { defineVerb } from './verb.ts'

export const checkVm = defineVerb({
  id: 'vm.health',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: false,
  args: {},
  limits: [{ per: 'actor', max: 30, windowMs: 60_000 }],
  runs: "bash --noprofile --norc /proc/self/fd/0 --json, descriptor 0 being the agent's private copy of vm-health-check.sh, whose hash it knows; in a transient unit where there is systemd; it changes nothing",
})

export const readVmLog = defineVerb({
  id: 'vm.log',
  daemon: 'host-agent',
  risk: 'read',
  role: 'operator',
  service: false,
  args: {
    log: { is: 'enum', of: ['cleanup', 'health-check', 'watchdog'] },
    lines: { is: 'int', min: 1, max: 1_000, optional: true },
  },
  limits: [{ per: 'actor', max: 120, windowMs: 60_000 }],
  runs: 'none: the end of /var/log/vm-cleanup.log, /var/log/vm-health-check.log or /var/log/docker-watchdog.log, by descriptor and through no link; secrets covered',
})

export const planVmCleanup = defineVerb({
  id: 'vm.cleanup.plan',
  daemon: 'host-agent',
  risk: 'read',
  role: 'operator',
  service: false,
  args: {},
  limits: [{ per: 'actor', max: 30, windowMs: 60_000 }],
  runs: "bash --noprofile --norc /proc/self/fd/0 --plan --json, descriptor 0 being the agent's private copy of vm-cleanup.sh, whose hash it knows; it removes nothing",
})

export const runVmCleanup = defineVerb({
  id: 'vm.cleanup.run',
  daemon: 'host-agent',
  risk: 'destroy',
  role: 'admin',
  service: false,
  args: { digest: { is: 'digest' }, reason: { is: 'text', min: 3, max: 500, optional: true } },
  limits: [{ per: 'host', max: 60, windowMs: 60_000 }],
  essential: true,
  runs: "bash --noprofile --norc /proc/self/fd/3 --run <the agent's own copy of the plan>, descriptor 3 being its private copy of the vm-cleanup.sh that planned; each object after another look at it, and never one of Docker's",
})

export const listVmCleanups = defineVerb({
  id: 'vm.cleanup.list',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: { limit: { is: 'int', min: 1, max: 100, optional: true } },
  limits: [],
  runs: "none: the agent's own receipts, one under way among them",
})
