import { CosmosClient } from '@azure/cosmos'
import { cosmosAccount } from '@console/testkit/cosmos-account'
import { type CosmosPeer, type PeerFault, type PeerRequest, startCosmosPeer } from '@console/testkit/cosmos-peer'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeStore } from './conformance.ts'
import { openCosmosStore } from './cosmos.ts'
import { clientOf } from './cosmos-client.ts'
import { containerOf } from './cosmos-containers.ts'
import { StoreError } from './port.ts'

vi.setConfig({ testTimeout: 60_000 })

let peer: CosmosPeer
beforeAll(async () => {
  peer = await startCosmosPeer()
})
afterAll(() => peer.close())
beforeEach(() => {
  peer.fault = () => null
  peer.pageItems = Number.POSITIVE_INFINITY
  peer.asked.length = 0
})
const declaration = { name: 'counters', fields: { n: 'number' }, sort: ['n'] } as const
const openFresh = (more: object = {}) =>
  openCosmosStore({
    endpoint: peer.endpoint,
    key: peer.key,
    database: `d-${crypto.randomUUID()}`,
    patience: { pauseMs: 1, budgetMs: 20_000 },
    ...more,
  })
const counters = async (more: object = {}) => {
  const store = await openFresh(more)
  const collection = store.collection<{ n: number }>(declaration)
  await store.ready()
  return collection
}

describeStore('cosmos', () => openFresh())

describeStore('cosmos, with every third request refused for a moment and with short pages', () => {
  let count = 0
  const faults: readonly PeerFault[] = [{ status: 429, retryAfterMs: 1 }, { status: 449 }, { status: 429, retryAfterMs: 2 }]
  peer.pageItems = 2
  peer.fault = ({ write }) => {
    count += 1
    if (count % 3 !== 0) return null
    return write ? (faults[count % 2] ?? null) : { status: count % 2 === 0 ? 503 : 429, retryAfterMs: 1 }
  }
  return openFresh()
})

describeStore('cosmos, with every third answer that a write was done lost, and reads that fail or are cut', () => {
  let count = 0
  // Who lost the answer of a removal cannot know whose it was: that is a case of its own.
  const removes = ({ method, batch }: PeerRequest) => method === 'DELETE' || batch
  peer.fault = (request) => {
    count += 1
    if (count % 3 !== 0) return null
    if (request.write) return removes(request) ? { status: 449, retryAfterMs: 1 } : 'lost'
    return { status: [503, 408, 500, 410][count % 4] ?? 503 }
  }
  return openFresh()
})

describeNeeding('cosmosAccount', 'a real account', () => {
  const made: string[] = []
  afterAll(async () => {
    const client = new CosmosClient(cosmosAccount)
    for (const database of made) await client.database(database).delete()
    client.dispose()
  })
  describeStore('cosmos, a real account', () => {
    const database = `conformance-${crypto.randomUUID()}`
    made.push(database)
    return openCosmosStore({ ...cosmosAccount, database })
  })
})

describe('the cosmos store', () => {
  it('says that it is busy, and when to come back, where it is refused for too long', async () => {
    const things = await counters({ patience: { pauseMs: 1, budgetMs: 50 } })
    peer.fault = () => ({ status: 429, retryAfterMs: 777 })
    await expect(things.insert('p', 'a', { n: 1 })).rejects.toMatchObject({ code: 'Throttled', retryAfterMs: 777 })
    await expect(things.batch('p', [{ op: 'insert', id: 'a', doc: { n: 1 } }])).rejects.toMatchObject({
      code: 'Throttled',
      retryAfterMs: 777,
    })
    await expect(things.get('p', 'a')).rejects.toMatchObject({ code: 'Throttled' })
    peer.fault = () => null
    expect(await things.get('p', 'a')).toBeNull()
  })

  it('waits for request units that a second does not have', async () => {
    const poor = await startCosmosPeer({ unitsPerSecond: 60 })
    try {
      const store = await openCosmosStore({ endpoint: poor.endpoint, key: poor.key, database: 'd' })
      const things = store.collection<{ n: number }>(declaration)
      await Promise.all(Array.from({ length: 25 }, (_, n) => things.insert('p', `i${n}`, { n })))
      expect((await things.find('p', { limit: 99 })).items).toHaveLength(25)
      // 25 writes of 5 units do not fit: some were refused, and none was lost or doubled.
      expect(poor.asked.filter(({ write }) => write).length).toBeGreaterThan(25)
      await store.close()
    } finally {
      await poor.close()
    }
  })

  it('recognises its own write where the answer was lost, and writes it once', async () => {
    const things = await counters()
    const faults: [string, PeerFault][] = [
      ['lost', 'after'],
      ['failed', { status: 503 }],
      ['cut', 'before'],
    ]
    for (const [name, fault] of faults) {
      let left = 1
      peer.fault = ({ write }) => (write && left-- > 0 ? fault : null)
      const first = await things.insert('p', `a-${name}`, { n: 1 })
      left = 1
      const second = await things.replace('p', first.id, { n: 2 }, first.etag)
      left = 1
      const [third] = await things.batch('p', [
        { op: 'replace', id: first.id, doc: { n: 3 }, ifMatch: second.etag },
        { op: 'insert', id: `b-${name}`, doc: { n: 9 } },
      ])
      expect(await things.get('p', first.id)).toEqual(third)
    }
  })

  it('says that the outcome is unknown where nothing tells it', async () => {
    const things = await counters({ patience: { pauseMs: 1, budgetMs: 30 } })
    const { etag } = await things.insert('p', 'a', { n: 1 })
    // Carried out, and nothing can be read afterwards.
    peer.fault = ({ write }) => (write ? 'after' : { status: 503 })
    await expect(things.replace('p', 'a', { n: 2 }, etag)).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    await expect(things.get('p', 'a')).rejects.toMatchObject({ code: 'Unavailable' })
    peer.fault = () => null
    const now = await things.get('p', 'a')
    expect(now?.doc.n).toBe(2)
    // Whoever lost the answer of a removal does not know that it was theirs.
    let left = 1
    peer.fault = ({ write }) => (write && left-- > 0 ? 'after' : null)
    await expect(things.remove('p', 'a', now?.etag ?? '')).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    expect(await things.get('p', 'a')).toBeNull()
  })

  it('gives a request up that is never answered, whether it was carried out or not', async () => {
    const things = await counters({ requestTimeoutMs: 200 })
    for (const fault of ['hang', 'hang after'] as const) {
      let left = 1
      peer.fault = ({ write }) => (write && left-- > 0 ? fault : null)
      await things.insert('p', fault.replace(' ', '-'), { n: 1 })
      expect((await things.get('p', fault.replace(' ', '-')))?.doc).toEqual({ n: 1 })
    }
  })

  it('reads on where the connection ends in the middle, or an answer never comes', async () => {
    const things = await counters({ requestTimeoutMs: 400 })
    for (let n = 0; n < 6; n += 1) await things.insert('p', `i${n}`, { n })
    peer.pageItems = 2
    const listing = ({ path, write, plan }: PeerRequest) => path.endsWith('/docs') && !write && !plan
    for (const fault of ['before', 'after', 'hang'] as const) {
      let asked = 0
      // The second page of three: what was read of the first one is neither lost nor doubled.
      peer.fault = (request) => (listing(request) && ++asked === 2 ? fault : null)
      const { items } = await things.find('p', { order: { f: 'n', dir: 'asc' }, limit: 6 })
      expect([fault, items.map(({ id }) => id)]).toEqual([fault, ['i0', 'i1', 'i2', 'i3', 'i4', 'i5']])
      expect(asked).toBeGreaterThan(3)
    }
  })

  it('carries a batch out as a whole or not at all, and says which operation was refused for what', async () => {
    const things = await counters()
    const { etag } = await things.insert('p', 'a', { n: 1 })
    const refused = [
      [
        'Conflict',
        [
          { op: 'replace', id: 'a', doc: { n: 2 }, ifMatch: etag },
          { op: 'insert', id: 'b', doc: { n: 2 } },
          { op: 'insert', id: 'taken', doc: { n: 2 } },
        ],
      ],
      [
        'Precondition',
        [
          { op: 'insert', id: 'b', doc: { n: 2 } },
          { op: 'replace', id: 'a', doc: { n: 2 }, ifMatch: '"stale"' },
        ],
      ],
      [
        'NotFound',
        [
          { op: 'insert', id: 'b', doc: { n: 2 } },
          { op: 'remove', id: 'away', ifMatch: '"any"' },
        ],
      ],
    ] as const
    await things.insert('p', 'taken', { n: 0 })
    for (const [code, ops] of refused) {
      await expect(things.batch('p', ops)).rejects.toMatchObject({ code })
      expect([code, (await things.get('p', 'a'))?.doc, await things.get('p', 'b')]).toEqual([code, { n: 1 }, null])
    }
    // The answer of the one that is carried out is lost: it is found by its mark, and not carried out again.
    let left = 1
    peer.fault = ({ batch }) => (batch && left-- > 0 ? 'lost' : null)
    const [first] = await things.batch('p', [
      { op: 'replace', id: 'a', doc: { n: 3 }, ifMatch: etag },
      { op: 'insert', id: 'b', doc: { n: 3 } },
    ])
    expect(await things.get('p', 'a')).toEqual(first)
    expect((await things.get('p', 'b'))?.doc).toEqual({ n: 3 })
  })

  it('says that it is away where nobody listens, and that nothing was written', async () => {
    const gone = await startCosmosPeer()
    await gone.close()
    const store = await openCosmosStore({
      endpoint: gone.endpoint,
      key: gone.key,
      database: 'd',
      patience: { pauseMs: 1, budgetMs: 30 },
    })
    store.collection(declaration)
    await expect(store.ready()).rejects.toMatchObject({ code: 'Unavailable' })
  })

  it('loses no acknowledged write under faults of all kinds, and fails with declared errors alone', async () => {
    const things = await counters({ patience: { pauseMs: 1, budgetMs: 150 } })
    const ids = ['a', 'b', 'c']
    for (const id of ids) await things.insert('p', id, { n: 0 })
    const faults: readonly PeerFault[] = [
      { status: 429, retryAfterMs: 1 },
      { status: 503 },
      'before',
      'after',
      { status: 408 },
      { status: 449 },
    ]
    let seed = 7
    peer.fault = ({ write }) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      if (seed % 10 > 4) return null
      return write ? (faults[seed % faults.length] ?? null) : { status: seed % 3 === 0 ? 503 : 429, retryAfterMs: 1 }
    }
    const counts = new Map(ids.map((id) => [id, { done: 0, unknown: 0 }]))
    const inserted: string[] = []
    const refused: string[] = []
    const codes = new Set<string>()
    const codeOf = (error: unknown): string => {
      expect(error).toBeInstanceOf(StoreError)
      const { code } = error as StoreError
      codes.add(code)
      return code
    }
    const worker = async (who: number) => {
      for (let round = 0; round < 12; round += 1) {
        const id = ids[(who + round) % ids.length] ?? ''
        const count = counts.get(id)
        const read = await things.get('p', id).catch(codeOf)
        if (read !== null && typeof read === 'object' && count)
          await things.replace('p', id, { n: read.doc.n + 1 }, read.etag).then(
            () => void count.done++,
            (error: unknown) => void (codeOf(error) === 'OutcomeUnknown' && count.unknown++),
          )
        const fresh = `w${who}-${round}`
        await things.insert('p', fresh, { n: 1 }).then(
          () => inserted.push(fresh),
          (error: unknown) => codeOf(error) !== 'OutcomeUnknown' && refused.push(fresh),
        )
      }
    }
    await Promise.all([0, 1, 2, 3, 4].map(worker))
    peer.fault = () => null
    for (const [id, { done, unknown }] of counts) {
      const n = (await things.get('p', id))?.doc.n ?? -1
      expect(n).toBeGreaterThanOrEqual(done)
      expect(n).toBeLessThanOrEqual(done + unknown)
    }
    for (const id of inserted) expect((await things.get('p', id))?.doc).toEqual({ n: 1 })
    for (const id of refused) expect(await things.get('p', id)).toBeNull()
    expect(inserted.length).toBeGreaterThan(20)
    for (const code of codes) expect(['Throttled', 'Unavailable', 'OutcomeUnknown', 'Precondition']).toContain(code)
  })

  it('makes database and containers once, and refuses one that is not as declared', async () => {
    const database = `d-${crypto.randomUUID()}`
    const open = async (more: object) => {
      const store = await openCosmosStore({ endpoint: peer.endpoint, key: peer.key, database })
      store.collection({ ...declaration, ...more })
      await store.ready()
    }
    await Promise.all([open({}), open({})])
    await open({})
    await expect(open({ unique: [['n']] })).rejects.toThrow('unique key /b/n missing')
    await expect(open({ fields: { n: 'number', m: 'ascii' }, sort: ['m'] })).rejects.toThrow(
      'composite index /b/m ascending + /id ascending',
    )
  })

  it.each([
    ['it is partitioned by /other', { partitionKey: { paths: ['/other'] } }],
    ['unique key /b/other too many', { uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/b/other'] }] } }],
    ['it removes documents by itself', { defaultTtl: 60 }],
  ])('refuses a container that somebody else made: %s', async (told, more) => {
    const database = `d-${crypto.randomUUID()}`
    const client = await clientOf({ endpoint: peer.endpoint, key: peer.key })
    await client.databases.create({ id: database })
    await client.database(database).containers.create({ ...containerOf(declaration), ...more })
    client.dispose()
    const store = await openCosmosStore({ endpoint: peer.endpoint, key: peer.key, database })
    store.collection(declaration)
    await expect(store.ready()).rejects.toThrow(told)
    await store.close()
  })

  it('says what is wrong where the key is another', async () => {
    const store = await openCosmosStore({ endpoint: peer.endpoint, key: Buffer.from('wrong').toString('base64'), database: 'd' })
    store.collection(declaration)
    await expect(store.ready()).rejects.toThrow(/refuses this account \(401/)
  })

  it('asks in one partition: no request for documents goes without one', async () => {
    const things = await counters()
    await things.insert('p', 'a', { n: 1 })
    await things.find('p', { where: [{ f: 'n', op: 'in', v: [1, 2] }], order: { f: 'n', dir: 'desc' }, limit: 5 })
    expect(peer.asked.filter(({ path }) => path.includes('pkranges'))).toEqual([])
  })
})
