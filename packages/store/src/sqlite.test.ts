import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, describe, expect, it } from 'vitest'
import { describeStore } from './conformance.ts'
import { openSqliteStore } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'store-'))
afterAll(() => rmSync(folder, { recursive: true }))

describeNeeding('reader', 'a store that belongs to another account', () => {
  it.each([0o600, 0o644])('is refused with the account that lacks the right, where its mode is %o', async (mode) => {
    const place = mkdtempSync(join(folder, 'foreign-'))
    for (const one of [folder, place]) chmodSync(one, 0o777)
    const file = join(place, 'store.db')
    await openSqliteStore(file).close()
    for (const one of [file, `${file}.lock`]) chmodSync(one, mode)
    const open = `import { openSqliteStore } from '${join(import.meta.dirname, 'sqlite.ts')}'; openSqliteStore('${file}')`
    const as = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '--input-type=module', '-e', open]
    const { status, stderr } = spawnSync('setpriv', as, { encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, expect.stringMatching(/store\.db\.lock cannot be opened as a store: .* uid 65534, may not read/)])
  })
})

describeStore('sqlite in memory', () => openSqliteStore(':memory:'))
describeStore('sqlite in a file', () => openSqliteStore(join(folder, `${crypto.randomUUID()}.db`)))

const declaration = { name: 'rows', fields: { n: 'number' }, sort: ['n'] } as const
/** Nothing but the collection is kept, and with `--expose-gc` what nobody refers to is gone at once. */
const writer = `
import { openSqliteStore } from '${join(import.meta.dirname, 'sqlite.ts')}'
const rows = openSqliteStore(process.argv[1]).collection(${JSON.stringify(declaration)})
for (let n = Number(process.argv[2]); ; n += 1) { await rows.insert('p', 'r' + n, { n }); globalThis.gc?.(); console.log(n) }`

describe('the sqlite store', () => {
  it('refuses a second process, and opens again when the first was killed', async () => {
    const file = join(folder, 'one.db')
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', writer, file, '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve))
      expect(() => openSqliteStore(file)).toThrow('open in another process')
    } finally {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('close', resolve))
    }
    await openSqliteStore(file).close()
  })

  it('finds by an equal value, a set or a range through an index, whatever the partition holds', async () => {
    const store = openSqliteStore(':memory:')
    const rows = store.collection<{ k: string }>({ name: 'keyed', fields: { k: 'ascii' } })
    for (let from = 0; from < 200; from += 1)
      await rows.batch(
        'p',
        Array.from({ length: 99 }, (_, n) => ({ op: 'insert' as const, id: `i${from}-${n}`, doc: { k: `k${from}-${n}` } })),
      )
    const took = async (where: Parameters<typeof rows.find>[1]['where'] & object) => {
      const times: number[] = []
      for (let n = 0; n < 5; n += 1) {
        const start = performance.now()
        await rows.find('p', { where, limit: 50 })
        times.push(performance.now() - start)
      }
      return Math.min(...times)
    }
    const whole = await took([{ f: 'k', op: 'prefix', v: 'nobody' }])
    expect(await took([{ f: 'k', op: 'eq', v: 'nobody' }])).toBeLessThan(whole / 4)
    expect(await took([{ f: 'k', op: 'in', v: ['nobody', 'none'] }])).toBeLessThan(whole / 4)
    expect(await took([{ f: 'k', op: 'lt', v: 'a' }])).toBeLessThan(whole / 4)
    await store.close()
  })

  it('says that it is busy when another writer holds the file, for a batch too', async () => {
    const file = join(folder, 'busy.db')
    const store = openSqliteStore(file)
    const rows = store.collection<{ n: number }>(declaration)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const batch = rows.batch('p', [{ op: 'insert', id: 'a', doc: { n: 1 } }])
    await expect(batch).rejects.toMatchObject({ code: 'Throttled', retryAfterMs: 50 })
    other.close()
    await rows.batch('p', [{ op: 'insert', id: 'a', doc: { n: 1 } }])
    await store.close()
  })

  it('tells why a batch failed when SQLite has rolled it back by itself', async () => {
    const file = join(folder, 'trigger.db')
    const store = openSqliteStore(file)
    const rows = store.collection<{ n: number }>(declaration)
    const other = new DatabaseSync(file)
    other.exec(`CREATE TRIGGER stop BEFORE INSERT ON rows BEGIN SELECT RAISE(ROLLBACK, 'stopped'); END`)
    other.close()
    await expect(rows.batch('p', [{ op: 'insert', id: 'a', doc: { n: 1 } }])).rejects.toThrow('stopped')
    await store.close()
  })

  it('says what is wrong with a file that is no store, however often it is opened', () => {
    const file = join(folder, 'garbage.db')
    writeFileSync(file, 'no database '.repeat(500))
    for (let n = 0; n < 2; n += 1) expect(() => openSqliteStore(file)).toThrow('cannot be opened as a store')
  })

  it('names the file that cannot be opened, and blames no other process for it', () => {
    const file = join(folder, 'no-lock.db')
    mkdirSync(`${file}.lock`)
    expect(() => openSqliteStore(file)).toThrow(`${file}.lock cannot be opened as a store: unable to open database file`)
    const other = join(folder, 'odd-lock.db')
    writeFileSync(`${other}.lock`, 'no database '.repeat(500))
    expect(() => openSqliteStore(other)).toThrow(`${other}.lock cannot be opened as a store: file is not a database`)
  })

  it('loses no acknowledged commit when it is killed at any moment', async () => {
    const file = join(folder, 'killed.db')
    let next = 0
    for (let round = 0; round < 10; round += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', writer, file, String(next)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let acknowledged = next - 1
      const stopAt = next + 1 + ((round * 37) % 120)
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line)
        if (acknowledged >= stopAt) child.kill('SIGKILL')
      }
      const store = openSqliteStore(file)
      const newest = await store.collection<{ n: number }>(declaration).find('p', { order: { f: 'n', dir: 'desc' }, limit: 1 })
      const last = newest.items[0]?.doc.n ?? -1
      expect(last).toBeGreaterThanOrEqual(acknowledged)
      await store.close()
      next = last + 1
    }
  })
})
