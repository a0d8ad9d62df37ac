import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { KeySource } from './key-source.ts'
import { type KeyPair, keyPairOf, type PublicJwk, publicKeyFrom } from './keys.ts'

const rereadMs = 10_000
const mostBytes = 16_384
const mostSources = 64
const othersWrite = 0o022
const anyOther = 0o077
const root = 0

/**
 * The key of a service or daemon, made at its first start: private half in its own folder (0600), public half in KEYS_DIR.
 * @throws Error that names the path and what to do, for a folder or a private key that somebody else could change or read
 */
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
  assertFolder(dir, { ours: true })
  makeKeysDir(keysDir)
  const file = join(dir, 'key.pem')
  if (!lstatSync(file, { throwIfNoEntry: false })) {
    const { privateKey } = generateKeyPairSync('ed25519')
    writeWhole(file, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 0o600)
  }
  const pair = pairIn(file)
  writeIfOther(join(keysDir, `${name}.jwk`), `${JSON.stringify(pair.jwk)}\n`)
  return pair
}

/** Writes the keys that sign access tokens and grants, the current one first, and whose `iss` they stand for. @throws Error for a folder that others may write */
export function publishTokenKeys(keysDir: string, keys: readonly PublicJwk[], issuer?: string): void {
  makeKeysDir(keysDir)
  writeIfOther(join(keysDir, 'platform-service.jwks'), `${JSON.stringify({ keys, ...(issuer !== undefined && { issuer }) })}\n`)
}

export type KeyFileOptions = {
  /** Monotonic milliseconds. */
  readonly now?: () => number
  /** Told why the keys are not believed, once for each reason in a row. */
  readonly refused?: (why: string) => void
}

/** The keys that sign access tokens and grants, believed for 10 s at most: then, or on an unknown key id, the file is read again. */
export function tokenKeysIn(keysDir: string, options: KeyFileOptions = {}): KeySource {
  return keysInFile(join(keysDir, 'platform-service.jwks'), options)
}

/** The key of one service after the other, each from its own file; believed as long as those of `tokenKeysIn`. */
export function serviceKeysIn(keysDir: string, options: KeyFileOptions = {}): (name: string) => KeySource {
  const sources = new Map<string, KeySource>()
  return (name) => {
    if (!serviceName.test(name)) return { find: () => null }
    const known = sources.get(name) ?? keysInFile(join(keysDir, `${name}.jwk`), options)
    sources.delete(name)
    sources.set(name, known)
    // Names come from tokens that nobody has checked yet: they must not fill the memory.
    const [oldest] = sources.keys()
    if (sources.size > mostSources && oldest !== undefined) sources.delete(oldest)
    return known
  }
}

/** The one key in a service's file, for checking what it signed without a key id, such as a checkpoint. */
export function onlyKeyIn(keysDir: string, name: string): KeyObject | null {
  if (!serviceName.test(name)) return null
  const read = readKeys(join(keysDir, `${name}.jwk`))
  return read.ok && read.keys.size === 1 ? ([...read.keys.values()][0] ?? null) : null
}

/**
 * Why keys that others will be judged by are not believed, one sentence a file: each that must be there and is missing, and each that
 * is there and may be somebody else's.
 */
export function whyKeysNotBelieved(keysDir: string, needed: readonly string[], others: readonly string[]): string[] {
  const there = others.filter((name) => lstatSync(join(keysDir, name), { throwIfNoEntry: false }))
  return [...needed, ...there].flatMap((name) => {
    const read = readKeys(join(keysDir, name))
    return read.ok ? [] : [read.why]
  })
}

const serviceName = /^[a-z][a-z-]{1,40}$/

/** Read at most every 10 s, so that a flood of unknown key ids costs nothing and a key that was taken away is not believed for long. */
function keysInFile(file: string, { now = () => performance.now(), refused }: KeyFileOptions): KeySource {
  let read: Read = { ok: false, why: '' }
  let readAt = Number.NEGATIVE_INFINITY
  let told = ''
  const renew = (): void => {
    if (now() - readAt < rereadMs) return
    readAt = now()
    read = readKeys(file)
    const why = read.ok ? '' : read.why
    if (why !== told && why !== '') refused?.(why)
    told = why
  }
  return {
    find(kid) {
      renew()
      return read.ok ? (read.keys.get(kid) ?? null) : null
    },
    issuer() {
      renew()
      return read.ok ? read.issuer : undefined
    },
  }
}

type Read =
  | { readonly ok: true; readonly keys: ReadonlyMap<string, KeyObject>; readonly issuer: string | undefined }
  | { readonly ok: false; readonly why: string }

/** Nothing of a file that somebody else may have written: one bad key, and none is believed. */
function readKeys(file: string): Read {
  try {
    const outer = assertFolder(dirname(file), {})
    const value = JSON.parse(readPublic(file, outer)) as { keys?: unknown; issuer?: unknown } | null
    const listed = Array.isArray(value?.keys) ? value.keys : [value]
    const keys = new Map(listed.map((jwk) => publicKeyFrom(jwk)).map(({ kid, publicKey }) => [kid, publicKey]))
    return { ok: true, keys, issuer: typeof value?.issuer === 'string' ? value.issuer : undefined }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { ok: false, why: code === undefined ? `${file} is not believed: ${message}` : `${file} cannot be read (${code}).` }
  }
}

/** Opened without following a link and judged by descriptor: what was looked at is what is read. */
function readPublic(file: string, folder: Stats): string {
  return readJudged(file, (info) => {
    if ((info.mode & othersWrite) !== 0) throw new Error(`${file} can be written by others. Set it to 0644.`)
    if (!isOurs(folder) && folder.uid !== info.uid)
      throw new Error(`the folder belongs to another account (uid ${folder.uid}), which could put any key there.`)
  })
}

function pairIn(file: string): KeyPair {
  const text = readPrivate(file)
  try {
    return keyPairOf(createPrivateKey(text))
  } catch (cause) {
    throw new Error(`${file} holds no private Ed25519 key. Put it back from a copy.`, { cause })
  }
}

function readPrivate(file: string): string {
  return readJudged(file, (info) => {
    if ((info.mode & anyOther) !== 0) throw new Error(`${file} can be read or written by others. Set it to 0600.`)
    if (!isOurs(info)) throw new Error(`${file} belongs to another account (uid ${info.uid}). Run as that account, or give the file away.`)
  })
}

function readJudged(file: string, judge: (info: Stats) => void): string {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const info = fstatSync(fd)
    if (!info.isFile() || info.size > mostBytes) throw new Error(`${file} is no key file.`)
    judge(info)
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

/** A folder whose entries only its owner can change; with `ours`, one that is ours or root's. */
function assertFolder(path: string, { ours = false }: { readonly ours?: boolean }): Stats {
  const info = lstatSync(path)
  if (!info.isDirectory()) throw new Error(`${path} must be a folder, not a link.`)
  if ((info.mode & othersWrite) !== 0) throw new Error(`${path} can be written by others. Take that right away: chmod go-w ${path}`)
  if (ours && !isOurs(info)) throw new Error(`${path} belongs to another account (uid ${info.uid}). Run as that account, or give it away.`)
  return info
}

function isOurs({ uid }: Stats): boolean {
  return uid === process.getuid?.() || uid === root
}

function makeKeysDir(keysDir: string): void {
  mkdirSync(keysDir, { recursive: true, mode: 0o755 })
  assertFolder(keysDir, {})
}

function writeIfOther(file: string, text: string): void {
  const info = lstatSync(file, { throwIfNoEntry: false })
  if (info?.isFile() && (info.mode & othersWrite) === 0 && readFileSync(file, 'utf8') === text) return
  writeWhole(file, text, 0o644)
}

/** Whole or not at all, and on the disk before anybody relies on it: readers never see half a file, and no key is lost with the power. */
function writeWhole(file: string, text: string, mode: number): void {
  const part = `${file}.${process.pid}.part`
  rmSync(part, { force: true })
  const fd = openSync(part, 'wx', mode)
  try {
    fchmodSync(fd, mode)
    writeFileSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(part, file)
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
