import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'
import { describeStore } from './conformance.ts'
import { openSqliteStore } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'store-'))
afterAll(() => rmSync(folder, { recursive: true }))

describeStore('sqlite in memory', () => openSqliteStore(':memory:'))
describeStore('sqlite in a file', () => openSqliteStore(join(folder, `${crypto.randomUUID()}.db`)))

const declaration = { name: 'rows', fields: { n: 'number' }, sort: ['n'] } as const
const writer = `
import { openSqliteStore } from '${join(import.meta.dirname, 'sqlite.ts')}'
const rows = openSqliteStore(process.argv[1]).collection(${JSON.stringify(declaration)})
for (let n = Number(process.argv[2]); ; n += 1) { await rows.insert('p', 'r' + n, { n }); console.log(n) }`

describe('the sqlite store', () => {
  it('refuses a second process, and opens again when the first was killed', async () => {
    const file = join(folder, 'one.db')
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, file, '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(() => openSqliteStore(file)).toThrow('open in another process')
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    await openSqliteStore(file).close()
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
