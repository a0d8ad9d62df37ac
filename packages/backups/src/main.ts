/**
 * The backup of a whole console, on its host, while it runs or stands still: `make BY KEEP [NIGHTS]` with how many stay (`14`, or `14,8,12`
 * with weeks and months; of nights apart, which earlier versions do not read), `check NAME`, `restore NAME BY AGENT`, `finish` for what is left of a restore that was interrupted. AGENT is
 * `here` where host-agent is on this host, and `none` where it is not. Names are of files in
 * BACKUP_DIR. deploy/deploy.sh runs it in a container that sees the data of all parts and no network.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { tellRow } from '@console/audit-chain/told-rows'
import { readConfig } from './config.ts'
import { keptParts } from './kept-parts.ts'
import { documentsIn, makeBackup } from './make-backup.ts'
import type { Manifest } from './manifest.ts'
import { readBackup, type WholeBackup } from './read-backup.ts'
import { BackupRefused } from './refused.ts'
import { type CameBack, endRestore, restoreBackup, tellAll } from './restore-backup.ts'
import { backupName, keepingOf, removeOldBackups } from './retention.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

try {
  const config = readConfig(process.env)
  const [verb, first = '', second = '', third = ''] = process.argv.slice(2)
  const file = join(config.folder, basename(first))
  const plan = join(config.folder, 'restoring.plan')
  const forHostAgent = join(config.folder, 'told')
  if (verb === 'restore' || verb === 'finish') {
    const ended = endRestore({ targets: config.sources, plan })
    if (ended !== 'nothing') say(`a restore that was interrupted is ${ended}`)
    // What host-agent was to be told of a restore that did not come about.
    if (ended === 'undone') rmSync(forHostAgent, { recursive: true, force: true })
  }
  if (verb === 'make') {
    const keep = keepingOf(second, third || '0')
    if (!keep) throw new Error(`KEEP must be a number of backups, or three with weeks and months, and NIGHTS a number: ${second} ${third}`)
    const now = Date.now()
    const made = { at: new Date(now).toISOString(), by: first, version: config.version }
    const name = backupName('console', now)
    const folders = new Map(config.sources.flatMap(({ part, folder }) => (keptParts[part].store ? [[part, folder] as const] : [])))
    const tell = (outcome: 'done' | 'failed', details: object) =>
      tellAll(folders, toldOf('console.backup.make', name, { outcome, details: { ...made, ...details } }))
    const { bytes, manifest } = await makeBackup({
      sources: config.sources,
      to: join(config.folder, name),
      lock: config.locks[0],
      made,
    })
      .catch((error: Error) => {
        tell('failed', { problem: error.message })
        throw error
      })
      .finally(() => {
        for (const source of config.sources.filter(({ exported }) => exported))
          for (const end of ['', '-wal', '-shm']) rmSync(`${documentsIn(source)}${end}`, { force: true })
      })
    tell('done', { bytes })
    for (const line of linesOf(manifest)) say(line)
    say(`made ${name}: ${bytes} bytes, encrypted, and read again as a whole`)
    for (const gone of removeOldBackups(config.folder, 'console', { keep, nowMs: now })) say(`removed ${gone}`)
  } else if (verb === 'check') {
    const { head, manifest } = await readBackup({ file, locks: config.locks })
    for (const line of linesOf(manifest)) say(line)
    say(`whole: made ${head.made.at} by ${head.made.by}, version ${head.made.version}`)
  } else if (verb === 'restore') {
    let forget = (): void => undefined
    const told = ({ head: { made } }: WholeBackup, { sha256, logs }: CameBack) => {
      const row = toldOf('console.restore.run', backupName('console', Date.parse(made.at)), {
        outcome: 'done',
        details: {
          by: second,
          at: new Date().toISOString(),
          made,
          restored: { sha256, hostAgent: third === 'none' ? third : 'here', logs },
        },
      })
      // For host-agent, whose log stays: deploy.sh brings it there.
      if (third !== 'none') tellRow(forHostAgent, row)
      forget = () => rmSync(join(forHostAgent, `${row.requestId}.json`), { force: true })
      return row
    }
    const { head, manifest } = await restoreBackup({ file, locks: config.locks, targets: config.sources, plan, told }).catch(
      (error: Error) => {
        if (!existsSync(plan)) forget()
        throw error
      },
    )
    for (const line of linesOf(manifest)) say(line)
    say(`restored: made ${head.made.at} by ${head.made.by}, version ${head.made.version}`)
  } else if (verb !== 'finish') throw new Error('make BY KEEP [NIGHTS], check NAME, restore NAME BY AGENT or finish')
} catch (error) {
  process.stderr.write(`${error instanceof BackupRefused ? `Refused: ${error.message}` : (error as Error).message}\n`)
  process.exit(error instanceof BackupRefused ? 3 : 1)
}

/** For the logs of both services: the same id in both. */
function toldOf(action: string, target: string, { outcome, details }: { outcome: 'done' | 'failed'; details: Record<string, unknown> }) {
  const code = outcome === 'failed' ? { code: 'BACKUP_FAILED' } : {}
  return {
    action,
    actor: { kind: 'service', id: 'deploy.sh' },
    requestId: `host-${randomUUID()}`,
    target,
    outcome,
    ...code,
    details,
  } as const
}

function linesOf({ documents, files, hosted = [] }: Manifest): string[] {
  return [
    ...hosted.map(
      ({ part, readFrom, readTo, newest }) =>
        `${part}: read from a hosted store from ${readFrom} to ${readTo}, each document as it was when its turn came; last change ${newest ?? 'unknown'}`,
    ),
    ...documents.map(({ part, collection, count, sha256 }) => `${part} ${collection}: ${count} documents ${sha256}`),
    ...files.map(({ part, path, bytes, sha256 }) => `${part} ${path}: ${bytes} bytes ${sha256}`),
  ]
}
