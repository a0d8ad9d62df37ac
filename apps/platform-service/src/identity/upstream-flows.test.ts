import { openSqliteStore } from '@console/store/sqlite'
import { describe, expect, it } from 'vitest'
import { openCollections, partition } from '../collections.ts'
import { hashOf } from './secret-value.ts'
import { createUpstreamFlows } from './upstream-flows.ts'

const begun = { app: 'devops', userId: null, sid: null } as const

function newFlows() {
  const clock = { ms: 1_000_000 }
  const collections = openCollections(openSqliteStore(':memory:'))
  return { clock, collections, flows: createUpstreamFlows({ flows: collections.upstreamFlows, now: () => clock.ms }) }
}

describe('a sign-in at the provider that is under way', () => {
  it('is taken once, with what it was begun for and what went to the provider', async () => {
    const { flows } = newFlows()
    const { cookie, secrets } = await flows.begin(begun)
    expect(await flows.take(cookie, secrets.state)).toMatchObject({ flow: begun, secrets })
    expect(await flows.take(cookie, secrets.state)).toBeNull()
  })

  it('is used up by a state that does not fit', async () => {
    const { flows } = newFlows()
    const [first, second] = [await flows.begin(begun), await flows.begin(begun)]
    expect(first.secrets.state).not.toBe(second.secrets.state)
    expect(await flows.take(first.cookie, second.secrets.state)).toBeNull()
    expect(await flows.take(first.cookie, first.secrets.state)).toBeNull()
    expect(await flows.take(second.cookie, second.secrets.state)).not.toBeNull()
  })

  it('is over after ten minutes', async () => {
    const { flows, clock } = newFlows()
    const [soon, late] = [await flows.begin(begun), await flows.begin(begun)]
    clock.ms += 599_999
    expect(await flows.take(soon.cookie, soon.secrets.state)).not.toBeNull()
    clock.ms += 1
    expect(await flows.take(late.cookie, late.secrets.state)).toBeNull()
  })

  it('is not what any other token of the same collection is, which is left as it was', async () => {
    const { flows, clock, collections } = newFlows()
    const expiresAt = new Date(clock.ms + 600_000).toISOString()
    await collections.passkeyQuestions.insert(partition, hashOf('a-question'), { v: 1, kind: 'passkey', userId: null, expiresAt })
    expect(await flows.take('a-question', 'any')).toBeNull()
    expect(await collections.passkeyQuestions.get(partition, hashOf('a-question'))).not.toBeNull()
  })
})
