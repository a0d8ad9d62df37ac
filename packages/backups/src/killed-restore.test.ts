import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '@console/store/sqlite'
import { isDeep } from '@console/testkit/deep'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeBackup } from './make-backup.ts'
import type { Manifest } from './manifest.ts'
import { endRestore, restoreBackup } from './restore-backup.ts'

const encryptionKey = 'a key of the trial that is long enough 0123'
const lock = { by: 'key', secret: encryptionKey } as const
const made = { at: '2026-01-02T03:04:05.000Z', by: 'a trial', version: '1' }
const fake = join(import.meta.dirname, 'killed-restore.fake.ts')

describe('a restore that is killed', () => {
  let folder = ''
  let manifest: Manifest
  const placesIn = (kept: string) =>
    [
      { part: 'devops-backend', folder: join(kept, 'backend/devops'), encryptionKey },
      { part: 'platform-service', folder: join(kept, 'platform/platform'), encryptionKey },
    ] as const
  const file = () => join(folder, 'one.backup')
  const run = (verb: 'restore' | 'end', nth: number, kept: string) =>
    spawnSync(process.execPath, [fake, verb, String(nth), isDeep ? 'all' : 'names', kept, file(), encryptionKey], { encoding: 'utf8' })
  /** `nothing` or `all`: neither a part alone nor anything beside. */
  const foundIn = async (kept: string): Promise<string> => {
    const left = readdirSync(kept, { recursive: true })
      .map(String)
      .filter((path) => /restor/.test(path))
    if (left.length > 0) return `left: ${left.join()}`
    const there = placesIn(kept).filter((place) => existsSync(place.folder))
    if (there.length === 0) return 'nothing'
    if (there.length === 1) return `${there[0]?.part} alone`
    const again = await makeBackup({ sources: placesIn(kept), to: join(folder, 'again.backup'), lock, made })
    return JSON.stringify(again.manifest) === JSON.stringify(manifest) ? 'all' : 'another state'
  }
  const emptyPlace = (name: string) => {
    const kept = join(folder, name)
    mkdirSync(kept)
    return kept
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'killed-restore-'))
    const sources = placesIn(join(folder, 'source'))
    for (const { part, folder: at } of sources) {
      const store = openSqliteStore(join(at, 'store.db'))
      const things = store.collection<{ about: string }>({ name: part === 'devops-backend' ? 'do_things' : 'pf_things', fields: {} })
      for (let index = 0; index < 50; index += 1) await things.insert('all', `t${index}`, { about: `${part} ${index}` })
      await store.close()
      mkdirSync(join(at, 'audit'))
      writeFileSync(join(at, `audit/${part}-000000000001.log`), '{}\n')
    }
    manifest = (await makeBackup({ sources, to: file(), lock, made })).manifest
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('at each of its steps, is undone or finished by whoever comes next', { timeout: isDeep ? 3_600_000 : 120_000 }, async () => {
    const ends = new Map<string, number>()
    for (let nth = 1; ; nth += 1) {
      const kept = emptyPlace(`kept-${nth}`)
      const { signal, status, stderr } = run('restore', nth, kept)
      if (signal !== 'SIGKILL') {
        expect([status, stderr]).toEqual([0, ''])
        expect(await foundIn(kept)).toBe('all')
        break
      }
      const ended = endRestore({ targets: placesIn(kept), plan: join(kept, 'restoring.plan') })
      expect([nth, ended, await foundIn(kept)]).toEqual([
        nth,
        ended,
        expect.stringMatching(ended === 'undone' ? /^nothing$/ : /^(nothing|all)$/),
      ])
      ends.set(ended, (ends.get(ended) ?? 0) + 1)
      // What was undone can be begun again.
      if (ended === 'undone')
        await restoreBackup({ file: file(), locks: [lock], targets: placesIn(kept), plan: join(kept, 'restoring.plan') })
      rmSync(kept, { recursive: true })
    }
    expect(ends.get('undone')).toBeGreaterThan(2)
    expect(ends.get('finished')).toBeGreaterThan(2)
  })

  it('between two parts, is finished even where that is killed at each of its steps, too', { timeout: 120_000 }, async () => {
    const between = emptyPlace('between')
    const isBetween = () => existsSync(join(between, 'backend/devops')) && !existsSync(join(between, 'platform/platform'))
    for (let nth = 1; !isBetween(); nth += 1) {
      rmSync(between, { recursive: true })
      mkdirSync(between)
      expect(run('restore', nth, between).signal).toBe('SIGKILL')
    }
    // A part that was started meanwhile has begun anew: what it has is not thrown away.
    const taken = join(folder, 'taken')
    cpSync(between, taken, { recursive: true })
    mkdirSync(join(taken, 'platform/platform'))
    writeFileSync(join(taken, 'platform/platform/store.db'), 'kept')
    expect(() => endRestore({ targets: placesIn(taken), plan: join(taken, 'restoring.plan') })).toThrow('ENOTEMPTY')
    expect(readFileSync(join(taken, 'platform/platform/store.db'), 'utf8')).toBe('kept')
    let kills = 0
    for (let nth = 1; ; nth += 1) {
      const kept = join(folder, `end-${nth}`)
      cpSync(between, kept, { recursive: true })
      if (run('end', nth, kept).signal === 'SIGKILL') kills += 1
      else break
      endRestore({ targets: placesIn(kept), plan: join(kept, 'restoring.plan') })
      expect([nth, await foundIn(kept)]).toEqual([nth, 'all'])
    }
    expect(kills).toBeGreaterThan(2)
  })

  it('refuses another restore before that, and a plan that names what none names', async () => {
    const kept = emptyPlace('plans')
    const plan = join(kept, 'restoring.plan')
    const restoring = () => restoreBackup({ file: file(), locks: [lock], targets: placesIn(kept), plan })
    for (const scratch of ['../../elsewhere', '.restore-000000000000/../..', 'platform']) {
      writeFileSync(plan, JSON.stringify({ step: 'filling', swaps: [{ part: 'platform-service', scratch }] }))
      expect(() => endRestore({ targets: placesIn(kept), plan })).toThrow('is no plan of a restore')
      await expect(restoring()).rejects.toMatchObject({ reason: 'occupied' })
    }
    rmSync(plan)
    await restoring()
    expect(await foundIn(kept)).toBe('all')
  })
})
