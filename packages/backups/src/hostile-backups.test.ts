import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { attackCase } from '@console/testkit/attack'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { docLine, endLine, fileLine, hostileMaker, sha256 } from './hostile-backup.fake.ts'
import { readBackup } from './read-backup.ts'
import { restoreBackup } from './restore-backup.ts'

const lock = { by: 'key', secret: 'a key of the trial that is long enough 0123' } as const

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-backups-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (...names: string[]): string => join(folder, ...names)
const placed = () => [{ part: 'platform-service', folder: at('new/platform') }] as const
const filesUnder = (path: string): string[] => (existsSync(path) ? readdirSync(path, { recursive: true }).map(String).sort() : [])

describe('a hostile backup, made by somebody who has the key', () => {
  const outcomeOf = async (lines: readonly string[], more: { parts?: string[]; mostBytes?: number } = {}): Promise<string> => {
    const file = await hostileMaker(folder, lock).sealed(lines, more.parts)
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
    ['more behind its end', [endLine([]), docLine('a')]],
  ]

  attackCase('X15', 'holds what would come out elsewhere, twice, or as something else than it says', async ({ attack, control, row }) => {
    for (const [what, lines, parts = ['platform-service']] of hostile)
      await attack(what, async () => {
        expect(await outcomeOf([...lines, endLine([])], { parts: [...parts] })).toMatch(/hostile|foreign/)
      })
    await control('what a backup does hold goes in', async () => {
      const [log, key] = [fileLine('audit/platform-service-000000000001.log', 'eA=='), fileLine('key.pem')]
      const files = ['audit/platform-service-000000000001.log', 'key.pem'].map((path) => ({
        part: 'platform-service',
        path,
        bytes: 1,
        sha256: sha256('x'),
      }))
      expect(await outcomeOf([docLine('a'), log, key, endLine([docLine('a')], files)])).toBe('restored')
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
    expect(await outcomeOf([docLine('a'), endLine([docLine('b')])])).toBe('damaged')
    expect(await outcomeOf([docLine('a')])).toBe('damaged')
    expect(await outcomeOf([docLine('a'), `{"manifest":${'['.repeat(900_000)}${']'.repeat(900_000)}}`])).toBe('damaged')
    // The same with a manifest that is true goes in.
    expect(await outcomeOf([docLine('a'), endLine([docLine('a')])])).toBe('restored')
  })

  it('is refused where something stands behind what was packed, or its head says what none says', async () => {
    const maker = hostileMaker(folder, lock)
    const whole = gzipSync(Buffer.from(`${docLine('a')}\n${endLine([docLine('a')])}\n`))
    const outcome = async (file: string) =>
      restoreBackup({ file, locks: [lock], targets: placed() }).then(
        () => 'restored',
        (error: { reason?: string }) => error.reason ?? String(error),
      )
    for (const more of [Buffer.from('more'), Buffer.alloc(9), whole, Buffer.alloc(3_000_000)])
      expect([more.length, await outcome(await maker.sealBytes([whole, more]))]).toEqual([
        more.length,
        expect.stringMatching(/hostile|damaged/),
      ])
    const heads = [
      { parts: ['platform-service', 'platform-service'] },
      { parts: 'platform-service' },
      { made: { at: '', by: '\u001b]0;x\u0007', version: '1' } },
      { made: { at: '', by: '\u202ereversed', version: '1' } },
    ]
    for (const head of heads) expect([head, await outcome(await maker.sealBytes([whole], undefined, head))]).toEqual([head, 'hostile'])
    expect(filesUnder(at('new'))).toEqual([])
    expect(await outcome(await maker.sealBytes([whole]))).toBe('restored')
  })

  it('is given up once it comes to more than it may, whatever it was packed to', async () => {
    const bomb = Array.from({ length: 400 }, (_, index) =>
      docLine(`d${String(index).padStart(4, '0')}`, JSON.stringify({ a: '0'.repeat(100_000) })),
    )
    const file = await hostileMaker(folder, lock).sealed([...bomb, endLine(bomb)])
    expect(readFileSync(file).length).toBeLessThan(100_000)
    await expect(readBackup({ file, locks: [lock], mostBytes: 10_000_000 })).rejects.toMatchObject({ reason: 'hostile' })
    const longLine = await hostileMaker(folder, lock).sealed([`{"doc":"${'x'.repeat(3_000_000)}"}`])
    await expect(readBackup({ file: longLine, locks: [lock] })).rejects.toThrow('a line that is longer than any can be')
  })
})
