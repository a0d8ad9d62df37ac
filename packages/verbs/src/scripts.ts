import { defineVerb } from './verb.ts'

export const listScripts = defineVerb({
  id: 'scripts.list',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: {},
  limits: [],
  runs: 'none: files under SCRIPT_ROOTS and the rows of scripts.d, hashed by descriptor',
})

export const planScript = defineVerb({
  id: 'scripts.plan',
  daemon: 'host-agent',
  risk: 'read',
  role: 'admin',
  service: false,
  args: {
    scriptId: { is: 'id' },
    user: { is: 'text', min: 1, max: 32, optional: true },
    timeoutSec: { is: 'int', min: 1, max: 86_400, optional: true },
    variables: { is: 'list', of: { is: 'text', min: 1, max: 64 }, max: 50, optional: true },
  },
  limits: [{ per: 'actor', max: 60, windowMs: 60_000 }],
  runs: 'none: the text of one file under SCRIPT_ROOTS, its hash, and the approved text beside it',
})

export const approveScript = defineVerb({
  id: 'scripts.approve',
  daemon: 'host-agent',
  risk: 'destroy',
  role: 'admin',
  service: false,
  args: { digest: { is: 'digest' } },
  limits: [{ per: 'host', max: 60, windowMs: 60_000 }],
  runs: 'none: writes scripts.d/<scriptId>.json with the hash that was shown',
})

export const revokeScript = defineVerb({
  id: 'scripts.revoke',
  daemon: 'host-agent',
  risk: 'change',
  role: 'admin',
  service: false,
  args: { scriptId: { is: 'id' }, reason: { is: 'text', min: 3, max: 500 } },
  limits: [{ per: 'host', max: 60, windowMs: 60_000 }],
  runs: 'none: removes scripts.d/<scriptId>.json; nothing runs from it afterwards',
})
