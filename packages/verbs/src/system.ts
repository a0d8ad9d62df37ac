import { defineVerb } from './verb.ts'

export const measureSystem = defineVerb({
  id: 'system.metrics',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: true,
  /** With `containers` only their figures are read, for somebody who watches them live. */
  args: { only: { is: 'enum', of: ['containers'], optional: true } },
  limits: [{ per: 'actor', max: 120, windowMs: 60_000 }],
  runs: 'none: reads of /proc, /sys and files of cgroups, and statfs of file systems on disks; of processes name, pid and owner, never their arguments; or the files of the containers’ cgroups alone',
})
