import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type AuditFs, nodeFs } from './audit-fs.ts'
import { type AuditLog, CheckpointRefused, type NewRow, openAuditLog } from './log.ts'
import { aFolder, aKeyPair, aRow } from './sample-log.fake.ts'
import { all, put, rechain, sealAnew } from './tamper.fake.ts'
import { tellRow, watchToldRows } from './told-rows.ts'
import { verifyLogs } from './verifier.ts'

export const kept = ['platform-service', 'devops-backend', 'docker-proxy'] as const
export const names = [...kept, 'host-agent'] as const
export type Name = (typeof names)[number]
type Came = Record<string, { rows: number; head: string }>
/** A backup of the three logs, and how far each of them reached. */
export type Backup = { readonly name: string; readonly logs: Came }
export type Telling = {
  readonly backup: Backup
  readonly hostAgent?: 'here' | 'none'
  readonly requestId?: string
  /** in which logs it is told; all that a restore tells where it is not given */
  readonly to?: readonly Name[]
  readonly logs?: Came
}

/** What is written here is read again at once, and outlives no machine. */
const hasty: AuditFs = {
  ...nodeFs,
  open: async (path, how) => ({ ...(await nodeFs.open(path, how)), datasync: async () => undefined }),
  syncFolder: async () => undefined,
}

/** Four real logs that witness each other, of which three are kept in backups and put back. Made small, on the disk, with a clock of its own. */
export async function makeConsole() {
  const folder = aFolder()
  const keys = Object.fromEntries(names.map((name) => [name, aKeyPair()])) as Record<Name, ReturnType<typeof aKeyPair>>
  const logs = new Map<Name, AuditLog>()
  const clock = { ms: Date.parse('2026-01-01T00:00:00Z') }
  const dirOf = (name: Name): string => join(folder.dir, name)
  let backups = 0
  let told = 0
  const rows = new Map<string, NewRow>()

  const open = async (name: Name): Promise<AuditLog> => {
    const { key } = keys[name]
    const log = await openAuditLog({ dir: dirOf(name), name, key, reserveBytes: 0, segmentBytes: 6_000, fs: hasty, now: () => clock.ms })
    logs.set(name, log)
    return log
  }
  const close = async (...which: readonly Name[]): Promise<void> => {
    for (const name of which) {
      await logs.get(name)?.close()
      logs.delete(name)
    }
  }
  const logOf = (name: Name): AuditLog => logs.get(name) as AuditLog
  for (const name of names) await open(name)

  const self = {
    keys,
    dirOf,
    logOf,
    open,
    close,
    /** Each log gets rows of its own. */
    async live(count: number, ...which: readonly Name[]): Promise<void> {
      clock.ms += 1_000
      const rowsOf = (name: Name) =>
        Array.from({ length: count }, (_, n) => logOf(name).append(aRow({ requestId: `${name}-${clock.ms}-${n}` })))
      await Promise.all((which.length > 0 ? which : names).flatMap(rowsOf))
    },
    /** Each one's newest checkpoint is carried to the others, or to those that are named. */
    async exchange(to: readonly Name[] = names): Promise<void> {
      clock.ms += 1_000
      for (const name of names) {
        const checkpoint = await logOf(name).checkpoint()
        for (const other of to)
          if (other !== name)
            await logOf(other)
              .witness(checkpoint, { publicKey: keys[name].publicKey, requestId: 'c' })
              .catch((error: unknown) => {
                if (!(error instanceof CheckpointRefused)) throw error
              })
      }
    },
    backUp(): Backup {
      backups += 1
      const name = `console-${backups}`
      for (const part of kept) cpSync(dirOf(part), join(folder.dir, name, part), { recursive: true })
      return { name, logs: Object.fromEntries(kept.map((part) => [part, { rows: logOf(part).head.seq, head: logOf(part).head.hash }])) }
    },
    /** One part alone, or some, as they were at a backup. */
    async setBack({ name }: Backup, ...which: readonly Name[]): Promise<void> {
      await close(...which)
      for (const part of which) {
        rmSync(dirOf(part), { recursive: true })
        cpSync(join(folder.dir, name, part), dirOf(part), { recursive: true })
        await open(part)
      }
    },
    /** A backup whose logs are not of one moment: some are of an earlier one. */
    mixed(late: Backup, early: Backup, ...which: readonly Name[]): Backup {
      const name = `${late.name}-mixed`
      cpSync(join(folder.dir, late.name), join(folder.dir, name), { recursive: true })
      for (const part of which) {
        rmSync(join(folder.dir, name, part), { recursive: true })
        cpSync(join(folder.dir, early.name, part), join(folder.dir, name, part), { recursive: true })
      }
      return { name, logs: { ...late.logs, ...Object.fromEntries(which.map((part) => [part, early.logs[part] as Came[string]])) } }
    },
    /** What the holder of a log's key and folder can do: a row changed, and all after it chained and signed anew. */
    async rewrite(name: Name, seq: number): Promise<void> {
      await close(name)
      const lines = all(dirOf(name))
      const row = lines[seq - 1] as string
      put(dirOf(name), rechain(lines.with(seq - 1, row.replace('"target":"', '"target":"not ')), seq))
      sealAnew(dirOf(name), keys[name].key, name)
      await open(name)
    },
    /** The same row once more, put there by whoever holds these logs. */
    async repeat(requestId: string, ...to: readonly Name[]): Promise<void> {
      const row = rows.get(requestId) as NewRow
      for (const name of to) await logOf(name).append({ ...row, details: { ...row.details, told: true } })
    },
    /** Leaves the row of a restore, which each part records by itself. */
    async tell({ backup, hostAgent = 'here', requestId, to, logs: came = backup.logs }: Telling): Promise<string> {
      told += 1
      const id = requestId ?? `host-${told}`
      const row = {
        action: 'console.restore.run',
        actor: { kind: 'service', id: 'deploy.sh' },
        requestId: id,
        target: `${backup.name}.backup`,
        outcome: 'done',
        details: {
          at: new Date(clock.ms).toISOString(),
          by: 'deploy.sh, by root',
          restored: { sha256: 'd'.repeat(64), hostAgent, logs: came },
        },
      } as const
      rows.set(id, row)
      for (const name of to ?? (hostAgent === 'here' ? names : kept)) {
        const waiting = join(folder.dir, 'told', name)
        tellRow(waiting, row)
        const watch = await watchToldRows({ folder: waiting, log: logOf(name), alarm: (_, error) => Promise.reject(error) })
        await watch.stop()
      }
      return id
    },
    /** What deploy.sh does: three logs as they were, and all that stay told of it. A new host has a new host-agent. */
    async restore(telling: Telling): Promise<string> {
      const { backup, hostAgent = 'here' } = telling
      await close(...names)
      for (const part of kept) {
        rmSync(dirOf(part), { recursive: true })
        cpSync(join(folder.dir, backup.name, part), dirOf(part), { recursive: true })
      }
      if (hostAgent === 'none') self.forget('host-agent')
      for (const name of names) await open(name)
      return self.tell(telling)
    },
    /** Another log with another key in the place of one that is closed. */
    forget(name: Name): void {
      rmSync(dirOf(name), { recursive: true })
      mkdirSync(dirOf(name))
      keys[name] = aKeyPair()
    },
    /** What the verifier says: of each log `kind by` of its problems, and what was restored. */
    async verdict(copies: Parameters<typeof verifyLogs>[1] = []) {
      const results = await verifyLogs(
        names.map((log) => ({ dir: dirOf(log), log, publicKey: keys[log].publicKey })),
        copies,
      )
      return {
        results,
        ok: results.every(({ ok }) => ok),
        broken: results.filter(({ ok }) => !ok).map(({ log }) => log),
        restored: results.flatMap(({ log, restored }) =>
          restored.map(({ gone, heldBy, requestId, cameBackWith }) => ({ log, gone, heldBy, requestId, cameBackWith })),
        ),
        kindsOf: (name: Name): string[] => [
          ...new Set(results.filter(({ log }) => log === name).flatMap(({ problems }) => problems.map(({ kind }) => kind))),
        ],
      }
    },
    async remove(): Promise<void> {
      await close(...names)
      folder.remove()
    },
  }
  return self
}
export type FakeConsole = Awaited<ReturnType<typeof makeConsole>>
