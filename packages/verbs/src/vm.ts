import { defineVerb } from './verb.ts'

export const checkVm = defineVerb({
  id: 'vm.health',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: false,
  args: {},
  limits: [{ per: 'actor', max: 30, windowMs: 60_000 }],
  runs: "bash --noprofile --norc /proc/self/fd/3 --json, descriptor 3 being the agent's private copy of vm-health-check.sh, whose hash it knows; it changes nothing",
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
