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
