import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { signAccessToken, verifyAccessToken } from './access-token.ts'
import { loadOrCreateServiceKey, onlyKeyIn, publishTokenKeys, serviceKeysIn, tokenKeysIn } from './key-files.ts'
import { signingKeyFrom } from './keys.ts'

const key = signingKeyFrom('a secret that only these tests know, 3')
const next = signingKeyFrom('the secret that comes after that one, 3')
const isRoot = process.getuid?.() === 0
const somebody = 54_321

let base: string
let dir: string
let keysDir: string
const load = () => loadOrCreateServiceKey({ dir, keysDir, name: 'devops-backend' })
const modeOf = (path: string): number => lstatSync(path).mode & 0o777

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'key-files-'))
  dir = join(base, 'devops')
  keysDir = join(base, 'keys')
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

describe('the key of a service', () => {
  it('is made once; its private half stays in its own folder, unread by others', () => {
    const { kid } = load()
    expect([modeOf(dir), modeOf(join(dir, 'key.pem')), modeOf(join(keysDir, 'devops-backend.jwk'))]).toEqual([0o700, 0o600, 0o644])
    expect(readFileSync(join(keysDir, 'devops-backend.jwk'), 'utf8')).not.toContain('"d"')
    expect(load().kid).toBe(kid)
    expect(onlyKeyIn(keysDir, 'devops-backend')?.asymmetricKeyType).toBe('ed25519')
    expect([...readdirSync(dir), ...readdirSync(keysDir)].filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('has the modes that it needs under any mask of the process', () => {
    for (const mask of [0o002, 0o077, 0]) {
      const before = process.umask(mask)
      try {
        rmSync(dir, { recursive: true, force: true })
        rmSync(keysDir, { recursive: true, force: true })
        load()
        expect([modeOf(join(dir, 'key.pem')), modeOf(join(keysDir, 'devops-backend.jwk'))]).toEqual([0o600, 0o644])
      } finally {
        process.umask(before)
      }
    }
  })

  it('is not used when somebody else could read or change it', () => {
    load()
    for (const mode of [0o640, 0o604, 0o620, 0o602]) {
      chmodSync(join(dir, 'key.pem'), mode)
      expect(load).toThrow('Set it to 0600')
    }
    chmodSync(join(dir, 'key.pem'), 0o600)
    for (const mode of [0o770, 0o702, 0o777]) {
      chmodSync(dir, mode)
      expect(load).toThrow('can be written by others')
    }
    chmodSync(dir, 0o700)
    expect(load).not.toThrow()
  })

  it('is not followed through a link, be it the file or the folder', () => {
    load()
    renameSync(join(dir, 'key.pem'), join(base, 'elsewhere.pem'))
    symlinkSync(join(base, 'elsewhere.pem'), join(dir, 'key.pem'))
    expect(load).toThrow('ELOOP')
    rmSync(dir, { recursive: true })
    mkdirSync(join(base, 'elsewhere'), { mode: 0o700 })
    symlinkSync(join(base, 'elsewhere'), dir)
    expect(load).toThrow('not a link')
  })

  it.runIf(isRoot)('is not taken from another account', () => {
    load()
    chownSync(join(dir, 'key.pem'), somebody, somebody)
    expect(load).toThrow(`uid ${somebody}`)
    chownSync(join(dir, 'key.pem'), 0, 0)
    chownSync(dir, somebody, somebody)
    expect(load).toThrow(`uid ${somebody}`)
  })

  it('is Ed25519 and nothing else', () => {
    load()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFileSync(join(dir, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }))
    expect(load).toThrow('no private Ed25519 key')
    truncateSync(join(dir, 'key.pem'))
    expect(load).toThrow()
  })

  it('gets its public half back when that was changed, opened or replaced by a link', () => {
    const file = join(keysDir, 'devops-backend.jwk')
    const { jwk } = load()
    const isRight = () => lstatSync(file).isFile() && modeOf(file) === 0o644 && JSON.parse(readFileSync(file, 'utf8')).kid === jwk.kid
    writeFileSync(file, JSON.stringify(next.jwk))
    load()
    expect(isRight()).toBe(true)
    chmodSync(file, 0o666)
    load()
    expect(isRight()).toBe(true)
    renameSync(file, join(base, 'elsewhere'))
    symlinkSync(join(base, 'elsewhere'), file)
    load()
    expect(isRight()).toBe(true)
  })

  it('is not published to a folder that others may write', () => {
    mkdirSync(keysDir)
    chmodSync(keysDir, 0o777)
    expect(load).toThrow('chmod go-w')
    expect(() => publishTokenKeys(keysDir, [key.jwk])).toThrow('chmod go-w')
    expect(existsSync(join(keysDir, 'platform-service.jwks'))).toBe(false)
  })
})

describe('the keys that sign tokens', () => {
  const file = () => join(keysDir, 'platform-service.jwks')
  const found = (kid = key.kid): boolean => tokenKeysIn(keysDir).find(kid) !== null

  beforeEach(() => publishTokenKeys(keysDir, [key.jwk, next.jwk]))

  it('are found by the thumbprint that we compute, not by the name that the file gives', () => {
    expect([found(), found(next.kid), found('x'.repeat(43))]).toEqual([true, true, false])
    writeFileSync(file(), JSON.stringify({ keys: [{ ...next.jwk, kid: key.kid }] }))
    expect([found(key.kid), found(next.kid)]).toEqual([false, true])
  })

  it('stand for one issuer where the file names it, and a token of another is refused', () => {
    const claims = { sub: 'u', sid: 's', aud: 'p', auth_time: 1, amr: ['pwd'], role: 'viewer', plan: 'pro' } as const
    const taken = (iss: string) => {
      const token = signAccessToken(key, { ...claims, iss }, { nowMs: 1_000_000 })
      return verifyAccessToken(token, { keys: tokenKeysIn(keysDir), audience: 'p', nowMs: 1_000_000 }).iss
    }
    expect(taken('https://anybody.test')).toBe('https://anybody.test')
    publishTokenKeys(keysDir, [key.jwk, next.jwk], 'https://api.test')
    expect(taken('https://api.test')).toBe('https://api.test')
    expect(() => taken('https://anybody.test')).toThrow()
  })

  it('are believed only when nobody else can write file or folder', () => {
    for (const mode of [0o664, 0o646, 0o666]) {
      chmodSync(file(), mode)
      expect([mode, found()]).toEqual([mode, false])
    }
    chmodSync(file(), 0o644)
    for (const mode of [0o775, 0o757, 0o777, 0o1777]) {
      chmodSync(keysDir, mode)
      expect([mode, found()]).toEqual([mode, false])
    }
    chmodSync(keysDir, 0o755)
    expect(found()).toBe(true)
  })

  it('are not read through a link, be it the file or the folder', () => {
    renameSync(keysDir, join(base, 'real'))
    symlinkSync(join(base, 'real'), keysDir)
    expect(found()).toBe(false)
    rmSync(keysDir)
    renameSync(join(base, 'real'), keysDir)
    renameSync(file(), join(base, 'elsewhere'))
    symlinkSync(join(base, 'elsewhere'), file())
    expect(found()).toBe(false)
  })

  it.runIf(isRoot)('are not believed in a folder of an account that is neither ours, nor root, nor theirs', () => {
    chownSync(keysDir, somebody, somebody)
    expect(found()).toBe(false)
    chownSync(file(), somebody, somebody)
    expect(found()).toBe(true)
    chownSync(keysDir, 0, 0)
    expect(found()).toBe(true)
  })

  it('are public, few and whole: a private key, another kind or half a file makes all of it worthless', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
    const bad = [
      JSON.stringify({ keys: [key.jwk, { ...next.jwk, d: next.jwk.x }] }),
      JSON.stringify({ keys: [key.jwk, other] }),
      JSON.stringify({ keys: [key.jwk, { ...next.jwk, x: next.jwk.x.slice(1) }] }),
      JSON.stringify({ keys: [key.jwk, null] }),
      JSON.stringify({ keys: [key.jwk] }).slice(0, -2),
      `${JSON.stringify({ keys: [key.jwk] })}${' '.repeat(20_000)}`,
      '',
      'null',
      '[]',
    ]
    for (const text of bad) {
      writeFileSync(file(), text)
      expect([text.slice(0, 40), found()]).toEqual([text.slice(0, 40), false])
    }
  })

  it('are read again for an unknown key id, at most every ten seconds however many ask', () => {
    let ms = 0
    let reads = 0
    rmSync(file())
    const source = tokenKeysIn(keysDir, {
      now: () => ms,
      refused: () => {
        reads += 1
      },
    })
    for (let i = 0; i < 1_000; i += 1) expect(source.find(`${i}`.padStart(43, 'x'))).toBeNull()
    publishTokenKeys(keysDir, [key.jwk])
    ms = 9_999
    expect(source.find(key.kid)).toBeNull()
    ms = 10_000
    expect(source.find(key.kid)).not.toBeNull()
    expect(reads).toBe(1)
  })

  it('are no longer believed ten seconds after they were taken away, or after others got at them', () => {
    let ms = 0
    const whys: string[] = []
    const source = tokenKeysIn(keysDir, { now: () => ms, refused: (why) => whys.push(why) })
    expect(source.find(key.kid)).not.toBeNull()
    publishTokenKeys(keysDir, [next.jwk])
    ms = 10_000
    expect(source.find(key.kid)).toBeNull()
    expect(source.find(next.kid)).not.toBeNull()
    chmodSync(file(), 0o666)
    for (ms of [20_000, 30_000, 40_000]) expect(source.find(next.kid)).toBeNull()
    expect(whys).toHaveLength(1)
    expect(whys[0]).toContain('can be written by others')
  })
})

describe('the keys of services', () => {
  it('are looked for in the file of the service that is named, and in no other place', () => {
    const { kid } = load()
    const keysOf = serviceKeysIn(keysDir)
    expect(keysOf('devops-backend').find(kid)).not.toBeNull()
    expect(keysOf('host-agent').find(kid)).toBeNull()
    for (const name of ['', '../keys/devops-backend', 'devops-backend.jwk', 'Devops-backend', 'devops-backend\0', 'a'.repeat(50)]) {
      expect(keysOf(name).find(kid)).toBeNull()
      expect(onlyKeyIn(keysDir, name)).toBeNull()
    }
  })

  it('are still found after a flood of names that nobody has', () => {
    const { kid } = load()
    const keysOf = serviceKeysIn(keysDir)
    const first = keysOf('nobody-a')
    for (let i = 0; i < 200; i += 1) keysOf(`nobody-${String.fromCharCode(97 + (i % 26), 97 + Math.floor(i / 26))}`).find(kid)
    expect(keysOf('nobody-a')).not.toBe(first)
    expect(keysOf('devops-backend').find(kid)).not.toBeNull()
  })

  it('are one: a file with two keys vouches for nothing', () => {
    load()
    writeFileSync(join(keysDir, 'devops-backend.jwk'), JSON.stringify({ keys: [key.jwk, next.jwk] }))
    expect(onlyKeyIn(keysDir, 'devops-backend')).toBeNull()
  })
})
