import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AuditLog, openAuditLog } from './log.ts'
import { tellRow, watchToldRows } from './told-rows.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const row = (requestId: string, more: object = {}) =>
  ({
    action: 'console.backup.make',
    actor: { kind: 'service', id: 'deploy.sh' },
    requestId,
    target: 'one',
    outcome: 'done',
    ...more,
  }) as const

describe('rows that were told from outside', () => {
  let folder = ''
  let log: AuditLog
  let alarms: string[] = []
  const told = () => join(folder, 'told')
  const watching = (over: object = {}) =>
    watchToldRows({ folder: told(), log, alarm: (what, error) => alarms.push(`${what} ${String(error)}`), ...over })
  const recorded = async () => (await log.read({ limit: 1_000 })).rows.map(({ requestId, details }) => [requestId, details?.told])
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'told-rows-'))
    log = await openAuditLog({ dir: join(folder, 'audit'), name: 'platform-service', key: privateKey, reserveBytes: 0 })
    alarms = []
  })
  afterEach(async () => {
    await log.close()
    rmSync(folder, { recursive: true })
  })

  it('are recorded at the start and while it runs, each once, and gone then', async () => {
    tellRow(told(), row('a-1'))
    const watch = await watching()
    tellRow(told(), row('a-2', { outcome: 'failed', code: 'FAILED' }))
    await Promise.all([watch.look(), watch.look()])
    expect(await recorded()).toEqual([
      ['a-1', true],
      ['a-2', true],
    ])
    // As after a crash between the row and the end of its file.
    tellRow(told(), row('a-1'))
    await watch.look()
    expect(await recorded()).toHaveLength(2)
    expect([readdirSync(told()), alarms]).toEqual([[], []])
    await watch.stop()
  })

  it('wait until the log takes them', async () => {
    tellRow(told(), row('a-1'))
    const full = { ...log, append: () => Promise.reject(new Error('The disk is full.')) }
    const without = await watching({ log: full })
    await without.look()
    expect([readdirSync(told()), alarms.length]).toEqual([['a-1.json'], 1])
    await without.stop()
    await (await watching()).stop()
    expect(await recorded()).toEqual([['a-1', true]])
  })

  it('speak for no person, and come from no other place', async () => {
    tellRow(told(), row('good'))
    const bad: readonly (readonly [name: string, text: string])[] = [
      ['person', JSON.stringify(row('person', { actor: { kind: 'person', id: 'ada' } }))],
      ['begun', JSON.stringify(row('begun', { outcome: 'started' }))],
      ['large', JSON.stringify(row('large', { details: { text: 'x'.repeat(9_000) } }))],
      ['none', 'none'],
      ['other', JSON.stringify(row('../other'))],
    ]
    for (const [name, text] of bad) writeFileSync(join(told(), `${name}.json`), text)
    writeFileSync(join(folder, 'elsewhere'), JSON.stringify(row('elsewhere')))
    symlinkSync(join(folder, 'elsewhere'), join(told(), 'link.json'))
    const watch = await watching()
    await watch.look()
    expect(await recorded()).toEqual([['good', true]])
    expect(alarms).toHaveLength(bad.length + 1)
    await watch.stop()
  })
})
