import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { attackCase } from '@console/testkit/attack'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSeal } from './envelope.ts'
import { readBackup } from './read-backup.ts'
import { restoreBackup } from './restore-backup.ts'

const lock = { by: 'key', secret: 'a key of the trial that is long enough 0123' } as const
const made = { at: '2026-01-02T03:04:05.000Z', by: 'a trial', version: '1' }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-backups-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (...names: string[]): string => join(folder, ...names)
const placed = () => [{ part: 'platform-service', folder: at('new/platform') }] as const
const filesUnder = (path: string): string[] => (existsSync(path) ? readdirSync(path, { recursive: true }).map(String).sort() : [])

describe('a hostile backup, made by somebody who has the key', () => {
  const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')
  const sealed = async (lines: readonly string[], parts = ['platform-service']): Promise<string> => {
    const file = at(`hostile-${randomBytes(4).toString('hex')}.backup`)
    const plain = gzipSync(Buffer.from(lines.map((line) => `${line}\n`).join('')))
    const pieces: Buffer[] = []
    for await (const piece of createSeal(
      { made, parts, keys: {} },
      lock,
    )(
      (async function* () {
        yield plain
      })(),
    ))
      pieces.push(piece)
    writeFileSync(file, Buffer.concat(pieces))
    return file
  }
  const doc = (id: string, is = '{"a":1}', collection = 'pf_users', part = 'platform-service') =>
    `{"doc":${JSON.stringify([part, collection, 'all', id])},"is":${is}}`
  const fileLine = (path: string, bytes = 'eA==', part = 'platform-service') => JSON.stringify({ file: [part, path], bytes })
  const manifestOf = (docs: readonly string[], files: readonly object[] = []) =>
    JSON.stringify({
      manifest: {
        documents:
          docs.length === 0
            ? []
            : [
                {
                  part: 'platform-service',
                  collection: 'pf_users',
                  count: docs.length,
                  sha256: sha256(docs.map((line) => `${line}\n`).join('')),
                },
              ],
        files,
      },
    })
  const outcomeOf = async (lines: readonly string[], more: { parts?: string[]; mostBytes?: number } = {}): Promise<string> => {
    const file = await sealed(lines, more.parts)
    const judged =
      more.mostBytes === undefined
        ? restoreBackup({ file, locks: [lock], targets: placed() })
        : readBackup({ file, locks: [lock], mostBytes: more.mostBytes })
    const outcome = await judged.then(
      () => 'restored',
      (error: { reason?: string }) => error.reason ?? String(error),
    )
    if (outcome !== 'restored') expect(filesUnder(at('new'))).toEqual([])
    return outcome
  }

  const hostile: readonly (readonly [what: string, lines: readonly string[], parts?: readonly string[]])[] = [
    ['a path upwards', [fileLine('../key.pem')]],
    ['a path from the root', [fileLine('/etc/passwd')]],
    ['a path of another system', [fileLine('C:\\key.pem')]],
    ['a path through a folder upwards', [fileLine('audit/../../x.log')]],
    ['a deep path', [fileLine(`${'audit/'.repeat(60)}x`)]],
    ['another part’s log', [fileLine('audit/devops-backend-000000000001.log')]],
    ['a file that no backup has', [fileLine('secrets.json')]],
    ['the store as a file', [fileLine('store.db')]],
    ['a twin in other letters', [fileLine('KEY.PEM')]],
    ['a zero within a name', [fileLine('key.pem\0')]],
    ['bytes that are none', [fileLine('key.pem', '@@')]],
    ['a document twice', [doc('a'), doc('a')]],
    ['documents out of order', [doc('b'), doc('a')]],
    ['a document behind a file', [fileLine('key.pem'), doc('a')]],
    [
      'a file begun again',
      [fileLine('audit/platform-service.checkpoint'), fileLine('key.pem'), fileLine('audit/platform-service.checkpoint')],
    ],
    ['a collection that is a command', [doc('a', '{}', 'x"; DROP TABLE y; --')]],
    ['an id that is a path', [doc('../../a')]],
    ['a document that is a list', [doc('a', '[]')]],
    ['a document that is too deep', [doc('a', `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`)]],
    ['a part that its head does not name', [doc('a', '{}', 'do_services', 'devops-backend')]],
    ['a part that there is not', [doc('a', '{}', 'x', '__proto__')]],
    ['documents of a part that has none', [doc('a', '{}', 'x', 'docker-proxy')], ['docker-proxy', 'platform-service']],
    ['a line of another kind', ['{"link":["platform-service","key.pem"],"to":"/etc/passwd"}']],
    ['a line that is no object', ['[]']],
    ['more behind its end', [manifestOf([]), doc('a')]],
  ]

  attackCase('X15', 'holds what would come out elsewhere, twice, or as something else than it says', async ({ attack, control, row }) => {
    for (const [what, lines, parts = ['platform-service']] of hostile)
      await attack(what, async () => {
        expect(await outcomeOf([...lines, manifestOf([])], { parts: [...parts] })).toMatch(/hostile|foreign/)
      })
    await control('what a backup does hold goes in', async () => {
      const [log, key] = [fileLine('audit/platform-service-000000000001.log', 'eA=='), fileLine('key.pem')]
      const files = ['audit/platform-service-000000000001.log', 'key.pem'].map((path) => ({
        part: 'platform-service',
        path,
        bytes: 1,
        sha256: sha256('x'),
      }))
      expect(await outcomeOf([doc('a'), log, key, manifestOf([doc('a')], files)])).toBe('restored')
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
    expect(await outcomeOf([doc('a'), manifestOf([doc('b')])])).toBe('damaged')
    expect(await outcomeOf([doc('a')])).toBe('damaged')
    // The same with a manifest that is true goes in.
    expect(await outcomeOf([doc('a'), manifestOf([doc('a')])])).toBe('restored')
  })

  it('is given up once it comes to more than it may, whatever it was packed to', async () => {
    const bomb = Array.from({ length: 400 }, (_, index) =>
      doc(`d${String(index).padStart(4, '0')}`, JSON.stringify({ a: '0'.repeat(100_000) })),
    )
    const file = await sealed([...bomb, manifestOf(bomb)])
    expect(readFileSync(file).length).toBeLessThan(100_000)
    await expect(readBackup({ file, locks: [lock], mostBytes: 10_000_000 })).rejects.toMatchObject({ reason: 'hostile' })
    const longLine = await sealed([`{"doc":"${'x'.repeat(3_000_000)}"}`])
    await expect(readBackup({ file: longLine, locks: [lock] })).rejects.toThrow('a line that is longer than any can be')
  })
})
