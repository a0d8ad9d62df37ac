import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Secrets that nobody set, made once and kept in `secrets.json` (0600) of a folder, for use outside production.
 * @throws Error when others can read the file: what it guards is no secret any more
 */
export function keptSecrets<const N extends string>(folder: string, names: readonly N[]): Record<N, string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = secretsFileIn(folder)
  const kept = readSecrets(file)
  const entries = names.map((name) => [name, kept[name] ?? randomBytes(32).toString('base64url')] as const)
  if (names.some((name) => kept[name] === undefined)) {
    const part = `${file}.${process.pid}.part`
    writeFileSync(part, `${JSON.stringify({ ...kept, ...Object.fromEntries(entries) }, null, 2)}\n`, { mode: 0o600 })
    chmodSync(part, 0o600)
    renameSync(part, file)
  }
  return Object.fromEntries(entries) as Record<N, string>
}

export const secretsFileIn = (folder: string): string => join(folder, 'secrets.json')

function readSecrets(file: string): Partial<Record<string, string>> {
  const info = lstatSync(file, { throwIfNoEntry: false })
  if (!info) return {}
  if (!info.isFile() || (info.mode & 0o077) !== 0) throw new Error(`${file} can be read or written by others. Set it to 0600.`)
  return JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<string, string>>
}
