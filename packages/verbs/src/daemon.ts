import { type Daemon, defineVerb } from './verb.ts'

/** What each daemon answers about itself; the same rows for both. None of them touches the engine or starts a program. */
const rowsOf = <const D extends Daemon>(daemon: D) => ({
  listVerbs: defineVerb({
    id: 'verbs.list',
    daemon,
    risk: 'read',
    role: 'viewer',
    service: true,
    args: {},
    limits: [],
    runs: "none: the daemon's own table, version, start-up warnings, and what its own process uses",
  }),
  readJournal: defineVerb({
    id: 'journal.read',
    daemon,
    risk: 'read',
    role: 'viewer',
    service: true,
    args: { after: { is: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }, limit: { is: 'int', min: 1, max: 1_000 } },
    limits: [],
    runs: "none: rows of the daemon's own journal, by sequence number",
  }),
  checkpointJournal: defineVerb({
    id: 'journal.checkpoint',
    daemon,
    risk: 'read',
    role: 'viewer',
    service: true,
    args: {},
    limits: [],
    runs: "none: the newest signed checkpoint of the daemon's own journal",
  }),
  verifyJournal: defineVerb({
    id: 'journal.verify',
    daemon,
    risk: 'read',
    role: 'viewer',
    service: true,
    args: {},
    limits: [{ per: 'host', max: 12, windowMs: 60_000 }],
    runs: "none: the daemon's own journal, checked from its first row",
  }),
  witnessCheckpoint: defineVerb({
    id: 'journal.witness',
    daemon,
    risk: 'read',
    role: 'admin',
    service: true,
    args: { checkpoint: { is: 'text', min: 1, max: 4_000 } },
    limits: [],
    runs: "none: another log's signed checkpoint, kept in the daemon's own journal; it removes nothing",
  }),
})

export const dockerProxySelf = rowsOf('docker-proxy')
export const hostAgentSelf = rowsOf('host-agent')
