import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { attackCase } from '@console/testkit/attack'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyId } from './backup-keys.ts'
import { createSeal } from './envelope.ts'
import { docLine, fileLine, hostileMaker, manifestOf, sha256 } from './hostile-backup.fake.ts'
import { readBackup } from './read-backup.ts'
import { restoreBackup } from './restore-backup.ts'
import { signStatement } from './signatures.ts'

const lock = { by: 'key', secret: 'a key of the trial that is long enough 0123' } as const

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-backups-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (...names: string[]): string => join(folder, ...names)
const placed = () => [{ part: 'platform-service', folder: at('new/platform'), encryptionKey: lock.secret }] as const
const filesUnder = (path: string): string[] => (existsSync(path) ? readdirSync(path, { recursive: true }).map(String).sort() : [])

describe('a hostile backup, made by somebody who has the key', () => {
  const outcomeOfFile = async (file: string): Promise<string> => {
    const outcome = await restoreBackup({ file, locks: [lock], targets: placed() }).then(
      () => 'restored',
      (error: { reason?: string }) => error.reason ?? String(error),
    )
    if (outcome !== 'restored') expect(filesUnder(at('new'))).toEqual([])
    return outcome
  }
  const outcomeOf = async (lines: readonly string[], manifest?: object, parts = ['platform-service']): Promise<string> =>
    outcomeOfFile(await hostileMaker(folder, lock).sealed(lines, manifest, { parts }))

  const hostile: readonly (readonly [what: string, lines: readonly string[], parts?: readonly string[]])[] = [
    ['a path upwards', [fileLine('../key.pem')]],
    ['a path from the root', [fileLine('/etc/passwd')]],
    ['a path of another system', [fileLine('C:\\key.pem')]],
    ['a path from its root', [fileLine('C:/key.pem')]],
    ['a folder a thousand deep', [fileLine(`${'audit/'.repeat(1_000)}x`)]],
    [
      'twins of one name, composed and not',
      [fileLine('audit/platform-service-é.log'), fileLine('audit/platform-service-é.log'.normalize('NFD'))],
    ],
    ['twins of one document', [docLine('é'), docLine('é'.normalize('NFD'))]],
    ['a hard link', ['{"file":["platform-service","key.pem"],"linkTo":"/etc/shadow"}']],
    ['a device', ['{"device":["platform-service","key.pem"],"major":1}']],
    ['a pipe', ['{"fifo":["platform-service","key.pem"],"bytes":""}']],
    ['a mode with setuid', ['{"file":["platform-service","key.pem"],"bytes":"eA==","mode":2541}']],
    ['more collections than any console has', Array.from({ length: 501 }, (_, index) => docLine('a', '{}', `c${1_000 + index}`))],
    ['a path through a folder upwards', [fileLine('audit/../../x.log')]],
    ['a deep path', [fileLine(`${'audit/'.repeat(60)}x`)]],
    ['another part’s log', [fileLine('audit/devops-backend-000000000001.log')]],
    ['a file that no backup has', [fileLine('secrets.json')]],
    ['the store as a file', [fileLine('store.db')]],
    ['a twin in other letters', [fileLine('KEY.PEM')]],
    ['a zero within a name', [fileLine('key.pem\0')]],
    ['bytes that are none', [fileLine('key.pem', '@@')]],
    ['a document twice', [docLine('a'), docLine('a')]],
    ['documents out of order', [docLine('b'), docLine('a')]],
    ['a document behind a file', [fileLine('key.pem'), docLine('a')]],
    [
      'a file begun again',
      [fileLine('audit/platform-service.checkpoint'), fileLine('key.pem'), fileLine('audit/platform-service.checkpoint')],
    ],
    ['a collection that is a command', [docLine('a', '{}', 'x"; DROP TABLE y; --')]],
    ['an id that is a path', [docLine('../../a')]],
    ['a document that is a list', [docLine('a', '[]')]],
    ['a document that is too deep', [docLine('a', `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`)]],
    ['a part that its head does not name', [docLine('a', '{}', 'do_services', 'devops-backend')]],
    ['a part that there is not', [docLine('a', '{}', 'x', '__proto__')]],
    ['documents of a part that has none', [docLine('a', '{}', 'x', 'docker-proxy')], ['docker-proxy', 'platform-service']],
    ['a line of another kind', ['{"link":["platform-service","key.pem"],"to":"/etc/passwd"}']],
    ['a line that is no object', ['[]']],
    ['more behind its end', ['{"manifest":{},"signatures":{}}', docLine('a')]],
  ]

  attackCase('X15', 'holds what would come out elsewhere, twice, or as something else than it says', async ({ attack, control, row }) => {
    for (const [what, lines, parts = ['platform-service']] of hostile)
      await attack(what, async () => {
        expect(await outcomeOf(lines, manifestOf([]), [...parts])).toMatch(/hostile|foreign/)
      })
    await control('what a backup does hold goes in', async () => {
      const [log, key] = [fileLine('audit/platform-service-000000000001.log', 'eA=='), fileLine('key.pem')]
      const files = ['audit/platform-service-000000000001.log', 'key.pem'].map((path) => ({
        part: 'platform-service',
        path,
        bytes: 1,
        sha256: sha256('x'),
      }))
      expect(await outcomeOf([docLine('a'), log, key], manifestOf([docLine('a')], files))).toBe('restored')
    })
    await row('the log that went in is the one that was in it', () => {
      expect(filesUnder(at('new'))).toEqual([
        'platform',
        'platform/audit',
        'platform/audit/platform-service-000000000001.log',
        'platform/key.pem',
        'platform/store.db',
      ])
      expect(readFileSync(at('new/platform/audit/platform-service-000000000001.log'), 'utf8')).toBe('x')
    })
  })

  it('is refused where it does not hold what it says, or does not say it', async () => {
    expect(await outcomeOf([docLine('a')], manifestOf([docLine('b')]))).toBe('damaged')
    expect(await outcomeOf([docLine('a')])).toBe('damaged')
    expect(await outcomeOf([docLine('a'), `{"manifest":${'['.repeat(900_000)}${']'.repeat(900_000)},"signatures":{}}`])).toBe('damaged')
    // The same with a manifest that is true goes in.
    expect(await outcomeOf([docLine('a')], manifestOf([docLine('a')]))).toBe('restored')
  })

  it('is refused where something stands behind what was packed, or its head says what none says', async () => {
    const maker = hostileMaker(folder, lock)
    const whole = gzipSync(Buffer.from(`${docLine('a')}\n`))
    const behind = [Buffer.alloc(9), whole, Buffer.alloc(3_000_000)]
    for (const more of behind)
      expect([more.length, await outcomeOfFile(await maker.sealBytes([whole, more]))]).toEqual([more.length, 'hostile'])
    expect(await outcomeOfFile(await maker.sealBytes([whole, Buffer.from('more')]))).toBe('damaged')
    const heads = [
      { parts: ['platform-service', 'platform-service'] },
      { parts: 'platform-service' },
      { made: { at: '', by: '\u001b]0;x\u0007', version: '1' } },
      { made: { at: '', by: '\u202ereversed', version: '1' } },
    ]
    const docs = [docLine('a')]
    for (const head of heads)
      expect([head, await outcomeOfFile(await maker.sealed(docs, manifestOf(docs), { head }))]).toEqual([head, 'hostile'])
    const head = { made: { at: '', by: 'Ünï', version: '1' } }
    expect(await outcomeOfFile(await maker.sealed(docs, manifestOf(docs), { head }))).toBe('restored')
  })

  it('is refused where it went through changes that nobody here knows', async () => {
    const [lease, done] = ['lease', 'schema'].map((pk) =>
      JSON.stringify({ doc: ['platform-service', 'pf_meta', pk, '9999-of-tomorrow'], is: {} }),
    )
    const documents = (line = '') => [{ part: 'platform-service', collection: 'pf_meta', count: 1, sha256: sha256(`${line}\n`) }]
    const schema = [{ part: 'platform-service', done: '9999-of-tomorrow' }]
    expect(await outcomeOf([String(done)], { documents: documents(done), files: [], schema })).toBe('foreign')
    expect(await outcomeOf([String(done)], { documents: documents(done), files: [], schema: [] })).toBe('damaged')
    expect(await outcomeOf([String(lease)], { documents: documents(lease), files: [], schema: [] })).toBe('restored')
  })

  it('is given up once it comes to more than it may, whatever it was packed to', async () => {
    const bomb = Array.from({ length: 400 }, (_, index) =>
      docLine(`d${String(index).padStart(4, '0')}`, JSON.stringify({ a: '0'.repeat(100_000) })),
    )
    const file = await hostileMaker(folder, lock).sealed(bomb, manifestOf(bomb))
    expect(readFileSync(file).length).toBeLessThan(100_000)
    await expect(readBackup({ file, locks: [lock], mostBytes: 10_000_000 })).rejects.toMatchObject({ reason: 'hostile' })
    const longLine = await hostileMaker(folder, lock).sealed([`{"doc":"${'x'.repeat(3_000_000)}"}`])
    await expect(readBackup({ file: longLine, locks: [lock] })).rejects.toThrow('a line that is longer than any can be')
  })

  attackCase(
    'X16',
    'is made by somebody who has the passphrase, and not the keys of the console',
    async ({ attack, control, row }) => {
      const passphrase = { by: 'passphrase', secret: 'violet harbor quartz ninety' } as const
      const others = 'another key of the trial, long enough 0123'
      const docs = [docLine('a')]
      const outcome = async (over: Parameters<ReturnType<typeof hostileMaker>['sealed']>[2], manifest: object = manifestOf(docs)) => {
        const file = await hostileMaker(folder, lock).sealed(docs, manifest, { lock: passphrase, ...over })
        return restoreBackup({ file, locks: [passphrase, lock], targets: placed() }).then(
          () => 'restored',
          (error: { reason?: string; message: string }) => `${error.reason}: ${error.message}`,
        )
      }
      const refused = async (over: Parameters<typeof outcome>[0]) => {
        expect(await outcome(over)).toMatch(/^foreign: The backup is (not )?signed with/)
        expect(filesUnder(at('new'))).toEqual([])
      }
      await attack('no signature', () => refused({ signers: [] }))
      await attack('a signature with a key of their own', () => refused({ signers: [{ part: 'platform-service', encryptionKey: others }] }))
      await attack('no word of a key in its head', async () => {
        await refused({ head: { keys: {} } })
        // Nor does it say so to who only reads it.
        const file = await hostileMaker(folder, lock).sealed(docs, manifestOf(docs), { lock: passphrase, head: { keys: {} } })
        await expect(readBackup({ file, locks: [passphrase, lock] })).rejects.toThrow('signed with no ENCRYPTION_KEY that is here')
      })
      await attack('a head that names the key of another part in its place', () =>
        refused({
          head: { keys: { 'devops-backend': keyId(lock.secret) } },
          signers: [{ part: 'devops-backend', encryptionKey: lock.secret }],
        }),
      )
      await attack('the signature of another backup', async () => {
        // Signed by the console for a head of its own, and put into a file that somebody else began.
        const seal = createSeal({ made: { at: '', by: '', version: '1' }, parts: ['platform-service'], keys: {} }, passphrase)
        const manifest = JSON.stringify(manifestOf(docs))
        const signatures = signStatement({ headDigest: seal.headDigest, manifest }, [
          { part: 'platform-service', encryptionKey: lock.secret },
        ])
        const end = `{"manifest":${manifest},"signatures":${JSON.stringify(signatures)}}`
        const file = await hostileMaker(folder, lock).sealed([...docs, end], undefined, { lock: passphrase })
        await expect(restoreBackup({ file, locks: [passphrase, lock], targets: placed() })).rejects.toMatchObject({ reason: 'foreign' })
        expect(filesUnder(at('new'))).toEqual([])
      })
      await control('the same, signed with the key of the console', async () => {
        expect(await outcome({})).toBe('restored')
      })
      await row('who made it stands in it, and what signed it is told', async () => {
        const file = await hostileMaker(folder, lock).sealed(docs, manifestOf(docs), { lock: passphrase })
        expect(await readBackup({ file, locks: [passphrase, lock] })).toMatchObject({
          head: { made: { by: 'a trial' } },
          signedBy: ['platform-service'],
        })
      })
    },
    120_000,
  )
})
