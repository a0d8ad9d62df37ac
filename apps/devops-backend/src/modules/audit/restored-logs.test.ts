import type { AuditLog } from '@console/audit-chain/log'
import { kept, makeConsole, type Name, names } from '@console/audit-chain/restored-console.fake'
import type { AuditRow } from '@console/contracts/audit/schemas'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createAuditView } from './audit.ts'
import type { LogSource } from './logs.ts'
import { ownLog } from './logs.ts'

let made: Awaited<ReturnType<typeof makeConsole>>
const away = new Set<Name>()
beforeEach(async () => {
  away.clear()
  made = await makeConsole()
  await made.live(3)
  await made.exchange()
})
afterEach(() => made.remove())

/** The real log of each part, as the backend asks it. */
const source = (name: Name): LogSource => {
  const of = () => ownLog(made.logOf(name) as AuditLog, () => null)
  return {
    ...of(),
    name,
    read: async (after, limit) => {
      if (away.has(name)) throw new Error('away')
      const { rows, head } = await of().read(after, limit)
      return { rows: rows.map((row): AuditRow => ({ ...row, log: name })), head }
    },
    verify: async () => {
      if (away.has(name)) throw new Error('away')
      const { state, ...held } = await of().verify()
      return { ...held, state: { ...state, log: name } }
    },
  }
}
const states = async () => {
  const { chains } = await createAuditView(names.map(source)).verify()
  return Object.fromEntries(chains.map((chain) => [chain.log, chain]))
}
const statesOnly = async () => Object.values(await states()).map(({ state }) => state)

it('calls logs restored that all were told of, with when, by whom and of which backup, until they are longer than they were', async () => {
  const backup = made.backUp()
  await made.live(9)
  await made.exchange()
  expect(await statesOnly()).toEqual(['valid', 'valid', 'valid', 'valid'])
  await made.restore({ backup })
  const after = await states()
  expect(await statesOnly()).toEqual(['restored', 'restored', 'restored', 'valid'])
  const rows = backup.logs['docker-proxy']?.rows ?? 0
  expect(after['docker-proxy']).toMatchObject({
    restored: { at: expect.stringMatching(/^2026-/), by: 'deploy.sh, by root', backup: 'console-1.backup' },
    problem: expect.stringMatching(new RegExp(`^It came back with ${rows} rows; \\d+ more that host-agent had witnessed are gone\\.$`)),
  })
  await made.exchange()
  expect(await statesOnly()).toEqual(['restored', 'restored', 'restored', 'valid'])
  await made.live(30)
  await made.exchange()
  expect(await statesOnly()).toEqual(['valid', 'valid', 'valid', 'valid'])
})

it('calls a host-agent restored that began anew on a new host', async () => {
  await made.restore({ backup: made.backUp(), hostAgent: 'none' })
  await made.exchange()
  expect((await states())['host-agent']).toMatchObject({
    state: 'restored',
    problem: expect.stringMatching(/^It began anew on this host; the log that stayed on the host before had \d+ rows or more\.$/),
  })
})

it.each<[string, readonly Name[]]>([
  ['host-agent alone', ['host-agent']],
  ['host-agent and one service', ['host-agent', 'devops-backend']],
  ['all but docker-proxy', ['host-agent', 'devops-backend', 'platform-service']],
])('calls a log broken whose restore %s was told of', async (_, to) => {
  const backup = made.backUp()
  await made.live(9)
  await made.exchange()
  await made.setBack(backup, ...kept)
  await made.tell({ backup, to })
  expect(await statesOnly()).toEqual(['broken', 'broken', 'broken', 'valid'])
})

it('lets a log that does not hold speak for no restore, and says nothing while one is away', async () => {
  const backup = made.backUp()
  await made.live(9)
  await made.exchange()
  await made.restore({ backup })
  away.add('docker-proxy')
  expect(await statesOnly()).toEqual(['away', 'away', 'away', 'valid'])
  away.clear()
  await made.live(3)
  await made.exchange()
  await made.rewrite('docker-proxy', made.logOf('docker-proxy').head.seq - 4)
  expect(await statesOnly()).toEqual(['broken', 'broken', 'broken', 'valid'])
})
