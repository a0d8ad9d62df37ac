import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { KeySource } from './jwt.ts'
import { type KeyPair, keyPairOf, type PublicJwk, publicKeyFrom } from './keys.ts'

const rereadMs = 10_000
const mostBytes = 16_384
const groupOrOtherWrite = 0o022

/** The key of a service or daemon, made at its first start: private half in its own folder (0600), public half in KEYS_DIR. */
export function loadOrCreateServiceKey({
  dir,
  keysDir,
  name,
}: {
  readonly dir: string
  readonly keysDir: string
  readonly name: string
}): KeyPair {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  mkdirSync(keysDir, { recursive: true, mode: 0o755 })
  const file = join(dir, 'key.pem')
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519')
    writeWhole(file, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 0o600)
  }
  const { mode } = lstatSync(file)
  if ((mode & 0o077) !== 0) throw new Error(`${file} can be read or written by others. Set it to 0600.`)
  const pair = keyPairOf(createPrivateKey(readFileSync(file)))
  writeIfOther(join(keysDir, `${name}.jwk`), `${JSON.stringify(pair.jwk)}\n`)
  return pair
}

/** Writes the keys that sign access tokens and grants, the current one first. */
export function publishTokenKeys(keysDir: string, keys: readonly PublicJwk[]): void {
  mkdirSync(keysDir, { recursive: true, mode: 0o755 })
  writeIfOther(join(keysDir, 'platform-service.jwks'), `${JSON.stringify({ keys })}\n`)
}

/** Keys in a file that its owner may change while we run: re-read on an unknown key id, at most every 10 s. */
export function keysInFile(file: string, { folder, now }: { readonly folder: string; readonly now: () => number }): KeySource {
  let keys = new Map<string, KeyObject>()
  let readAt = Number.NEGATIVE_INFINITY
  return {
    find(kid) {
      if (!keys.has(kid) && now() - readAt >= rereadMs) {
        readAt = now()
        keys = readKeys(file, folder)
      }
      return keys.get(kid) ?? null
    },
  }
}

/** The keys that sign access tokens and grants. */
export function tokenKeysIn(keysDir: string, now: () => number = () => performance.now()): KeySource {
  return keysInFile(join(keysDir, 'platform-service.jwks'), { folder: keysDir, now })
}

/** The key of one service after the other, each from its own file. */
export function serviceKeysIn(keysDir: string, now: () => number = () => performance.now()): (name: string) => KeySource {
  const sources = new Map<string, KeySource>()
  return (name) => {
    if (!/^[a-z][a-z-]{1,40}$/.test(name)) return { find: () => null }
    const known = sources.get(name) ?? keysInFile(join(keysDir, `${name}.jwk`), { folder: keysDir, now })
    sources.set(name, known)
    return known
  }
}

/** The one key in a service's file, for checking what it signed without a key id, such as a checkpoint. */
export function onlyKeyIn(keysDir: string, name: string): KeyObject | null {
  if (!/^[a-z][a-z-]{1,40}$/.test(name)) return null
  const [key] = readKeys(join(keysDir, `${name}.jwk`), keysDir).values()
  return key ?? null
}

/** Why a file or folder of keys is not believed; null when it is. Owner must be us, root, or the owner of the other. */
export function distrust(path: string, kind: 'file' | 'folder'): string | null {
  const info = lstatSync(path, { throwIfNoEntry: false })
  if (!info) return `${path} is missing`
  if (info.isSymbolicLink()) return `${path} is a symbolic link`
  if (kind === 'file' ? !info.isFile() : !info.isDirectory()) return `${path} is no ${kind}`
  if ((info.mode & groupOrOtherWrite) !== 0) return `${path} can be written by others`
  return null
}

function readKeys(file: string, folder: string): Map<string, KeyObject> {
  if (distrust(folder, 'folder') !== null || distrust(file, 'file') !== null) return new Map()
  try {
    const value = JSON.parse(readBounded(file)) as { keys?: unknown[] }
    const listed = Array.isArray(value.keys) ? value.keys : [value]
    return new Map(listed.map((jwk) => publicKeyFrom(jwk)).map(({ kid, publicKey }) => [kid, publicKey]))
  } catch {
    return new Map()
  }
}

/** Opened without following a link, judged by descriptor: what was looked at is what is read. */
function readBounded(file: string): string {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const info = fstatSync(fd)
    if (!info.isFile() || info.size > mostBytes || (info.mode & groupOrOtherWrite) !== 0) throw new Error('not a key file')
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

function writeIfOther(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  writeWhole(file, text, 0o644)
}

/** Whole or not at all: readers never see half a file. */
function writeWhole(file: string, text: string, mode: number): void {
  const part = `${file}.${process.pid}.part`
  writeFileSync(part, text, { mode })
  renameSync(part, file)
}
