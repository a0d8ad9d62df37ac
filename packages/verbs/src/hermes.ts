import { defineVerb } from './verb.ts'

/** Agents of Hermes on this host. Nothing here runs the agents' own program, and nothing changes an agent. */
export const watchHermes = defineVerb({
  id: 'hermes.ops',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: true,
  args: {},
  limits: [{ per: 'actor', max: 120, windowMs: 60_000 }],
  runs: "as the owner of each instance of HERMES_INSTANCES: systemctl [--user] show <unit> -p <fixed list>; git log, status and count-objects in its backup repository, without locks; a probe of its home by the agent's own Node, read-only. GET at its loopback health address; /proc of its process; tailscale0's address; the end of /var/log/docker-watchdog.log",
})

export const readHermes = defineVerb({
  id: 'hermes.telemetry',
  daemon: 'host-agent',
  risk: 'read',
  role: 'viewer',
  service: false,
  args: { instance: { is: 'id' } },
  limits: [{ per: 'actor', max: 120, windowMs: 60_000 }],
  runs: "as the owner of the instance, a probe by the agent's own Node that reads state.db, cron, memories and skills below its home, read-only: of sessions never what was said, of memory only its measure; never .env, auth.json or what USER.md holds",
})

export const readHermesMemory = defineVerb({
  id: 'hermes.memory',
  daemon: 'host-agent',
  risk: 'read',
  role: 'admin',
  service: false,
  recorded: true,
  args: { instance: { is: 'id' } },
  limits: [{ per: 'actor', max: 30, windowMs: 60_000 }],
  runs: 'nothing, unless the instance\'s entry in HERMES_INSTANCES says "memoryBodies": true; then as the owner of the instance, a probe by the agent\'s own Node that reads memories/MEMORY.md and memories/USER.md below its home and may read nothing else, each at most 64 KiB',
})
