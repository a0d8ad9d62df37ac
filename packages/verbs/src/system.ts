import { defineVerb } from './verb.ts'

export const measureSystem = defineVerb({
  id: 'system.metrics',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: {},
  limits: [{ per: 'actor', max: 120, windowMs: 60_000 }],
  runs: 'none: reads of /proc, /sys and files of cgroups, and statfs of file systems on disks; of processes name, pid and owner, never their arguments',
})
