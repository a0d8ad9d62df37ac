import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAuditLog } from '@console/audit-chain/log'
import { verifyLogs } from '@console/audit-chain/verifier'
import { openSqliteStore } from '@console/store/sqlite'
import { rounds } from '@console/testkit/deep'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeBackup } from './make-backup.ts'
import { readBackup } from './read-backup.ts'
import { restoreBackup } from './restore-backup.ts'

const encryptionKey = 'a key of the trial that is long enough 0123'
const lock = { by: 'key', secret: encryptionKey } as const
const made = { at: '2026-01-02T03:04:05.000Z', by: 'a trial', version: '1' }
const { privateKey, publicKey } = generateKeyPairSync('ed25519')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backups-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (...names: string[]): string => join(folder, ...names)
const platform = () => ({ part: 'platform-service', folder: at('data/platform'), encryptionKey }) as const
const placed = () => [{ part: 'platform-service', folder: at('new/platform'), encryptionKey }] as const
const declaration = { name: 'pf_users', fields: { email: 'ascii' } } as const

/** A service with documents and a log, all of it open as while it runs. */
async function running(count = 60) {
  const store = openSqliteStore(at('data/platform/store.db'))
  const users = store.collection<{ email: string; about: string }>(declaration)
  for (let index = 0; index < count; index += 1)
    await users.insert('all', `u${index}`, { email: `u${index}@example.net`, about: 'ünï “quoted” \u2028 '.repeat(index % 40) })
  const log = await openAuditLog({
    dir: at('data/platform/audit'),
    name: 'platform-service',
    key: privateKey,
    reserveBytes: 0,
    segmentBytes: 4_096,
  })
  for (let index = 0; index < 30; index += 1)
    await log.append({
      action: 'trial.done',
      actor: { kind: 'service', id: 'trial' },
      requestId: `r${index}`,
      target: 'x',
      outcome: 'done',
    })
  await log.checkpoint()
  writeFileSync(at('data/platform/key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 })
  writeFileSync(at('data/platform/left-behind.txt'), 'kept in no backup')
  return {
    store,
    users,
    log,
    close: async () => {
      await log.close()
      await store.close()
    },
  }
}

const make = (name = 'one.backup') => makeBackup({ sources: [platform()], to: at(name), lock, made })
const filesUnder = (path: string): string[] => (existsSync(path) ? readdirSync(path, { recursive: true }).map(String).sort() : [])

describe('a backup', () => {
  it('is made of a running service, and put back it is the same by counts and digests, its log included', async () => {
    const service = await running()
    const { manifest, bytes } = await make()
    expect(manifest.documents).toEqual([{ part: 'platform-service', collection: 'pf_users', count: 60, sha256: expect.any(String) }])
    expect(manifest.files.map(({ path }) => path).filter((path) => path.endsWith('.log')).length).toBeGreaterThan(2)
    expect(bytes).toBe(readFileSync(at('one.backup')).length)
    await service.close()

    expect((await restoreBackup({ file: at('one.backup'), locks: [lock], targets: placed() })).manifest).toEqual(manifest)
    const again = await makeBackup({ sources: placed(), to: at('two.backup'), lock, made })
    expect(again.manifest).toEqual(manifest)
    expect(filesUnder(at('new')).filter((path) => /left-behind|restore/.test(path))).toEqual([])
    const key = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }))
    const [verified] = await verifyLogs([{ dir: at('new/platform/audit'), log: 'platform-service', publicKey: key }], [])
    expect(verified).toMatchObject({ ok: true, size: 30, tornBytes: 0 })

    const store = openSqliteStore(at('new/platform/store.db'))
    const found = await store
      .collection<{ email: string }>(declaration)
      .find('all', { where: [{ f: 'email', op: 'eq', v: 'u7@example.net' }], limit: 5 })
    expect(found.items.map(({ id }) => id)).toEqual(['u7'])
    await store.close()
  })

  it('of a store without a document comes back as one, which can be kept again before anybody opened it', async () => {
    const service = await running(0)
    await make()
    await service.close()
    await restoreBackup({ file: at('one.backup'), locks: [lock], targets: placed() })
    const { manifest } = await makeBackup({ sources: placed(), to: at('two.backup'), lock, made })
    expect(manifest.documents).toEqual([])
    expect(manifest.files.length).toBeGreaterThan(2)
  })

  it('is of one moment while others write, and lets them', async () => {
    const service = await running()
    let wrote = 0
    let going = true
    const writing = (async () => {
      for (; going; wrote += 1) {
        await service.users.insert('all', `late${wrote}`, { email: `late${wrote}@example.net`, about: '' })
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const { manifest } = await make()
    going = false
    await writing
    expect(wrote).toBeGreaterThan(0)
    const kept = manifest.documents[0]?.count ?? 0
    expect([kept >= 60, kept <= 60 + wrote]).toEqual([true, true])
    await service.close()
  })

  it('shows nothing of what it holds, and who made it when', async () => {
    const service = await running()
    await make()
    await service.close()
    const text = readFileSync(at('one.backup'), 'latin1')
    for (const secret of ['example.net', 'pf_users', 'trial.done', 'PRIVATE KEY', encryptionKey])
      expect([secret, text.includes(secret)]).toEqual([secret, false])
    expect(text).toContain('"by":"a trial"')
  })

  it('opens with a passphrase that it was locked with', async () => {
    const service = await running(3)
    const word = { by: 'passphrase', secret: 'violet harbor quartz ninety' } as const
    await makeBackup({ sources: [platform()], to: at('one.backup'), lock: word, made })
    await service.close()
    await expect(
      readBackup({ file: at('one.backup'), locks: [lock, { ...word, secret: 'violet harbor quartz eighty' }] }),
    ).rejects.toMatchObject({ reason: 'foreign' })
    expect((await readBackup({ file: at('one.backup'), locks: [lock, word] })).manifest.documents[0]?.count).toBe(3)
  })

  it('leaves nothing where it could not be made', async () => {
    const service = await running(3)
    mkdirSync(at('taken.backup.part'))
    await expect(make('taken.backup')).rejects.toThrow()
    await expect(makeBackup({ sources: [{ ...platform(), folder: at('nowhere') }], to: at('none.backup'), lock, made })).rejects.toThrow(
      'has no data',
    )
    expect(readdirSync(folder).sort()).toEqual(['data', 'taken.backup.part'])
    await service.close()
  })
})

describe('a backup that is not as it was made', () => {
  let whole: Buffer
  beforeEach(async () => {
    const service = await running(40)
    await make()
    await service.close()
    whole = readFileSync(at('one.backup'))
  })
  const refused = async (bytes: Buffer): Promise<string> => {
    writeFileSync(at('bad.backup'), bytes)
    const outcome = await restoreBackup({ file: at('bad.backup'), locks: [lock], targets: placed() }).then(
      () => 'restored',
      (error: { reason?: string }) => error.reason ?? String(error),
    )
    expect(existsSync(at('new'))).toBe(false)
    return outcome
  }

  it('is refused before any write: a changed byte anywhere, a cut anywhere, something behind it', async () => {
    const step = Math.ceil(whole.length / rounds({ test: 60, deep: whole.length }))
    for (let place = 0; place < whole.length; place += step) {
      const changed = Buffer.from(whole)
      changed[place] = (changed[place] ?? 0) ^ 1
      for (const bytes of [changed, whole.subarray(0, place)])
        expect([bytes.length, place, await refused(bytes)]).toEqual([
          bytes.length,
          place,
          expect.stringMatching(/^(damaged|foreign|hostile)$/),
        ])
    }
    for (const length of [1, 4, 16, 40]) expect(await refused(whole.subarray(0, whole.length - length))).toBe('damaged')
    expect(await refused(Buffer.concat([whole, Buffer.alloc(1)]))).toBe('damaged')
    expect(await refused(Buffer.concat([whole, whole]))).toBe('damaged')
    // The tag of the last piece: all that it holds is still there to be read.
    expect(await refused(Buffer.concat([whole.subarray(0, -1), Buffer.from([(whole.at(-1) ?? 0) ^ 1])]))).toBe('damaged')
  })

  it('is refused by its head alone where that is of another version, or larger than any', async () => {
    const text = whole.toString('latin1')
    expect(await refused(Buffer.from(text.replace('"format":2', '"format":3'), 'latin1'))).toBe('foreign')
    const large = Buffer.from(whole)
    large.writeUInt32BE(65_537, text.indexOf('\n') + 1)
    expect(await refused(Buffer.concat([large, Buffer.alloc(65_537)]))).toBe('hostile')
  })

  it('is refused where it is none, another’s, or stands behind a link', async () => {
    expect(await refused(Buffer.from('PK\x03\x04 an archive of another kind'))).toBe('foreign')
    const other = { by: 'key', secret: 'another key of the trial, long enough 0123' } as const
    writeFileSync(at('bad.backup'), whole)
    await expect(restoreBackup({ file: at('bad.backup'), locks: [other], targets: placed() })).rejects.toMatchObject({ reason: 'foreign' })
    const [target] = placed()
    await expect(
      restoreBackup({ file: at('bad.backup'), locks: [lock], targets: [{ ...target, encryptionKey: other.secret }] }),
    ).rejects.toMatchObject({ reason: 'foreign' })
    symlinkSync(at('one.backup'), at('link.backup'))
    await expect(restoreBackup({ file: at('link.backup'), locks: [lock], targets: placed() })).rejects.toMatchObject({ reason: 'foreign' })
    expect(filesUnder(at('new'))).toEqual([])
  })

  it('goes into an empty place alone, and what is there stays', async () => {
    mkdirSync(at('new/platform'), { recursive: true })
    writeFileSync(at('new/platform/store.db'), 'kept')
    await expect(restoreBackup({ file: at('one.backup'), locks: [lock], targets: placed() })).rejects.toMatchObject({ reason: 'occupied' })
    expect(readFileSync(at('new/platform/store.db'), 'utf8')).toBe('kept')
  })
})
