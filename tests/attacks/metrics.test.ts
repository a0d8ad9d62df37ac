import { openDesk } from '@console/testkit/agent-desk'
import { type AgentPlace, openLocalPlace } from '@console/testkit/agent-place'
import { attackCase } from '@console/testkit/attack'
import { afterAll, beforeAll, expect } from 'vitest'

let place: AgentPlace

beforeAll(async () => {
  place = await openLocalPlace()
  await place.start()
}, 60_000)
afterAll(() => place?.remove(), 60_000)

attackCase('L1', 'the host measured more often than its row allows', async (it) => {
  const rowsOf = async () => (await openDesk(place).journal()).filter(({ action }) => action === 'system.metrics')
  const ask = () => place.kit.ask('system.metrics', {}, 'viewer')
  place.kit.nextPerson()
  await it.attack('the 121st of a minute, and nobody without a role', async () => {
    const statuses = new Set<number>()
    for (let n = 0; n < 120; n += 1) statuses.add((await ask()).status)
    expect([...statuses]).toEqual([200])
    const more = await ask()
    expect([more.status, more.body.code]).toEqual([429, 'RATE_LIMITED'])
    expect((await place.kit.ask('system.metrics', {}, 'nobody')).status).toBe(401)
  })
  await it.control('somebody else, and the backend by its own key', async () => {
    place.kit.nextPerson()
    const { status, body } = await ask()
    expect([status, typeof body.at]).toEqual([200, 'string'])
    expect((await place.kit.ask('system.metrics', {}, 'service')).status).toBe(200)
  })
  await it.row('the refusals, and none of the reads', async () => {
    const rows = await rowsOf()
    expect(rows.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual(['denied RATE_LIMITED', 'denied AUTH_REQUIRED'])
  })
})
