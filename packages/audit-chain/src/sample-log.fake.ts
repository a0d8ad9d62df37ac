import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditLog, type AuditLogOptions, type NewRow, openAuditLog } from './log.ts'

/** A pair of keys for a part that exists only in a test. */
export function aKeyPair(): { key: KeyObject; publicKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { key: privateKey, publicKey: createPublicKey(privateKey) }
}

/** A folder that goes when `remove` is called. */
export function aFolder(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'audit-chain-'))
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** A log without a reserve. */
export function openSample(options: Pick<AuditLogOptions, 'dir' | 'key'> & Partial<AuditLogOptions>): Promise<AuditLog> {
  return openAuditLog({ name: 'host-agent', reserveBytes: 0, ...options })
}

export function aRow(extra: Partial<NewRow> = {}): NewRow {
  return { action: 'runs.start', actor: { kind: 'person', id: 'u1' }, requestId: 'r1', target: 'web', outcome: 'done', ...extra }
}

/** The segment files of a folder, oldest first, with their lines as they may be read and put back. */
export function segmentFiles(dir: string): { path: string; lines: () => string[]; put: (lines: readonly string[]) => void }[] {
  const files = readdirSync(dir)
    .filter((file) => file.endsWith('.log'))
    .sort()
  return files.map((file) => ({
    path: join(dir, file),
    lines: () => readFileSync(join(dir, file), 'utf8').split('\n').slice(0, -1),
    put: (lines) => writeFileSync(join(dir, file), lines.map((line) => `${line}\n`).join('')),
  }))
}
