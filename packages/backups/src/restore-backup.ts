import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tellRow, toldFolder } from '@console/audit-chain/told-rows'
import { syncFolder } from '@console/audit-chain/write-durably'
import { type Filling, fillStore } from '@console/store/sqlite-snapshot'
import { keyId, type Lock } from './backup-keys.ts'
import type { Head } from './envelope.ts'
import { isKeptPart, type KeptPart, keptParts, knownMigrations, storeFile } from './kept-parts.ts'
import { endOfLog, type LogEnd } from './log-end.ts'
import type { PartFolder } from './log-files.ts'
import type { Manifest } from './manifest.ts'
import { digestOfFile, headOf, readBackup, type WholeBackup } from './read-backup.ts'
import type { BackupLine } from './read-line.ts'
import { BackupRefused } from './refused.ts'
import { beginSwap, endSwap } from './swap-plan.ts'

export type Target = PartFolder & { readonly encryptionKey?: string }
export type Restoring = {
  readonly file: string
  readonly locks: readonly Lock[]
  readonly targets: readonly Target[]
  /** Where it is written down how far it came; beside the first target where it is not given. `endRestore` needs the same one. */
  readonly plan?: string
  /** Told of each document, first while it is read and then while it is written. */
  readonly onDocument?: (step: 'read' | 'written') => void
  /** A row for the log of each part that comes back; the part records it at its start. */
  readonly told?: (whole: WholeBackup, came: CameBack) => Parameters<typeof tellRow>[1]
}
/** SHA-256 of the backup's file, and how each log comes back; a log that is missing or whose end is not whole is left out. */
export type CameBack = { readonly sha256: string; readonly logs: { readonly [part in KeptPart]?: LogEnd } }

/**
 * Puts a whole backup into folders where nothing is yet. It is read to its end before anything is written, and again while it is; the parts' folders
 * have their names once all of it is on the disk. If the process ends on its way, `endRestore` finishes or undoes it.
 * @throws BackupRefused for a backup that is not as it was made, is not ours, holds what none holds, or does not find an empty place
 */
export async function restoreBackup({
  file,
  locks,
  targets,
  plan = planBeside(targets),
  onDocument,
  told,
}: Restoring): Promise<WholeBackup> {
  const head = await headOf(file)
  const places = placesFor(head, targets)
  const first = await readBackup({ file, locks, onLine: (line) => ('bytes' in line ? undefined : onDocument?.('read')) })
  if (JSON.stringify(first.head) !== JSON.stringify(head)) throw changed()
  for (const { part, encryptionKey } of places)
    if (encryptionKey !== undefined && !first.signedBy.includes(part))
      throw new BackupRefused('foreign', `The backup is not signed with the ENCRYPTION_KEY of ${part} that is set here.`)
  refuseNewer(first.manifest)
  // Of a file that was read to its end by now, and so is no longer than it may be.
  const sha256 = told && (await digestOfFile(file))
  const swapping = beginSwap(plan, places)
  const writer = createWriter(swapping.scratches)
  try {
    const second = await readBackup({
      file,
      locks,
      onLine(line) {
        writer.write(line)
        if (!('bytes' in line)) onDocument?.('written')
      },
    })
    if (JSON.stringify(second) !== JSON.stringify(first)) throw changed()
    writer.finish()
    if (told && sha256 !== undefined) {
      if ((await digestOfFile(file)) !== sha256) throw changed()
      const logs = Object.fromEntries([...swapping.scratches].flatMap(([part, folder]) => [[part, endOfLog(part, folder)] as const]))
      tellAll(swapping.scratches, told(first, { sha256, logs }))
    }
    swapping.swap()
    return first
  } finally {
    writer.close()
    swapping.undo()
  }
}

/** To each of these parts; the same id makes it one deed. */
export function tellAll(folders: ReadonlyMap<KeptPart, string>, row: Parameters<typeof tellRow>[1]): void {
  for (const folder of folders.values())
    if (existsSync(folder)) {
      tellRow(join(folder, toldFolder), row)
      syncFolder(folder)
    }
}

/** Ends a restore of which only the plan is left. @see endSwap */
export const endRestore = ({ targets, plan = planBeside(targets) }: Pick<Restoring, 'targets' | 'plan'>) => endSwap(plan, targets)

const planBeside = ([first]: readonly Target[]): string => join(dirname(first?.folder ?? ''), '.restore-plan')

/** An older console does not know what a newer one did to its documents. */
function refuseNewer({ schema }: Manifest): void {
  for (const { part, done } of schema)
    if (!isKeptPart(part) || !knownMigrations(part).includes(done))
      throw new BackupRefused('foreign', `The backup is of a newer console: ${part} does not know its migration ${done}.`)
}

const changed = () => new BackupRefused('damaged', 'The backup was changed while it was read.')

/** Where each part of the backup goes. The keys that its values were sealed with must be the ones that are set here, or nobody could read them. */
function placesFor(head: Head, targets: readonly Target[]): Target[] {
  return head.parts.map((name) => {
    const target = targets.find(({ part }) => part === name)
    if (!isKeptPart(name) || !target) throw new BackupRefused('foreign', `The backup holds ${name}, and there is no place for it.`)
    const needed = head.keys[name]
    if (needed !== undefined && (target.encryptionKey === undefined || keyId(target.encryptionKey) !== needed))
      throw new BackupRefused(
        'foreign',
        `${name} needs its ENCRYPTION_KEY ${needed}; the one that is set here is another. Put the one back that was copied elsewhere.`,
      )
    if (existsSync(target.folder) && readdirSync(target.folder).length > 0)
      throw new BackupRefused('occupied', `${target.folder} is not empty. A backup goes into an empty place only.`)
    return target
  })
}

function createWriter(scratches: ReadonlyMap<KeptPart, string>) {
  const stores = new Map<KeptPart, Filling>()
  // One without a document is a store all the same: what asks for it finds that it is empty, and not that it is away.
  for (const [part, folder] of scratches)
    if (keptParts[part].store)
      stores.set(
        part,
        fillStore(join(folder, storeFile), () => randomBytes(12).toString('base64url')),
      )
  let open: { readonly path: string; readonly fd: number } | null = null
  const closeFile = (): void => {
    if (!open) return
    fsyncSync(open.fd)
    closeSync(open.fd)
    open = null
  }
  const closeStores = (): void => {
    for (const [part, store] of stores) {
      stores.delete(part)
      store.close()
    }
  }
  const fileAt = (path: string): number => {
    if (open?.path !== path) {
      closeFile()
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      open = { path, fd: openSync(path, 'wx', 0o600) }
    }
    return open?.fd ?? -1
  }
  return {
    write(line: BackupLine): void {
      const folder = scratches.get(line.part) ?? ''
      if ('bytes' in line) {
        const fd = fileAt(join(folder, line.path))
        for (let at = 0; at < line.bytes.length; ) at += writeSync(fd, line.bytes, at)
        return
      }
      stores.get(line.part)?.put(line)
    },
    finish(): void {
      closeFile()
      closeStores()
      for (const folder of scratches.values()) for (const path of [join(folder, 'audit'), folder]) if (existsSync(path)) syncFolder(path)
    },
    close(): void {
      closeFile()
      closeStores()
    },
  }
}
