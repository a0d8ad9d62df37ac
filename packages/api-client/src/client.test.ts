import { streamContainerLines } from '@console/contracts/docker/actions'
import { createService, listServices, removeService } from '@console/contracts/services/actions'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createClient } from './client.ts'

type Reply = () => Response | Promise<Response>
const gateways: Reply = () =>
  new Response('404 page not found\n', { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' } })
const problem = (status: number, code: string): Response =>
  Response.json(
    { type: 'about:blank', title: code, status, code, detail: `It is ${code}.`, requestId: 'one' },
    { status, headers: { 'content-type': 'application/problem+json' } },
  )
const empty: Reply = () => Response.json({ items: [], nextCursor: null })

/** A client of an API that answers so, one after the other, the last one for ever. */
function clientOf(...replies: Reply[]) {
  const keys: (string | null)[] = []
  const client = createClient({
    baseUrlOf: () => 'https://api.test',
    fetch: async (url, init) => {
      if (String(url).endsWith('/csrf-token')) return Response.json({ csrfToken: 'token' })
      keys.push(new Headers(init?.headers).get('idempotency-key'))
      const reply = replies.length > 1 ? replies.shift() : replies[0]
      return reply?.() ?? gateways()
    },
  })
  return { client, keys }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What became of a call, and after how long. */
async function outcomeOf(call: Promise<unknown>): Promise<{ result: unknown; ms: number }> {
  const began = Date.now()
  const settled = call.then(
    (result) => ({ result, ms: Date.now() - began }),
    (error: { code: string }) => ({ result: error.code, ms: Date.now() - began }),
  )
  await vi.runAllTimersAsync()
  return settled
}

describe('a client of a part that is replaced', () => {
  it('reads it once it is back, and gives up after five seconds', async () => {
    const back = clientOf(gateways, () => new Response('Bad Gateway', { status: 502 }), empty)
    expect(await outcomeOf(back.client.call(listServices, {}))).toEqual({ result: { items: [], nextCursor: null }, ms: 750 })
    const away = clientOf(gateways)
    expect(await outcomeOf(away.client.call(listServices, {}))).toEqual({ result: 'NETWORK', ms: 5_000 })
  })

  it('repeats a change under its own key, also while nobody can be recognised', async () => {
    const { client, keys } = clientOf(
      gateways,
      () => Promise.reject(new TypeError('fetch failed')),
      () => problem(503, 'AUTH_UNAVAILABLE'),
      () => problem(409, 'SERVICE_EXISTS'),
    )
    expect(await outcomeOf(client.call(createService, { body: {} as never }))).toEqual({ result: 'SERVICE_EXISTS', ms: 1_750 })
    expect([keys.length, new Set(keys).size]).toEqual([4, 1])
  })

  it('repeats nothing that destroys, and no refusal of the part itself', async () => {
    const gone = clientOf(gateways)
    expect((await outcomeOf(gone.client.call(removeService, { params: { id: 'a' } } as never))).result).toBe('NETWORK')
    const refused = clientOf(() => problem(404, 'SERVICE_NOT_FOUND'))
    expect((await outcomeOf(refused.client.call(listServices, {}))).result).toBe('SERVICE_NOT_FOUND')
    expect([gone.keys.length, refused.keys.length]).toEqual([1, 1])
  })

  it('goes on with a stream where it was', async () => {
    const asked: (string | null)[] = []
    const leaving = new AbortController()
    const said = (text: string): Response => new Response(text, { headers: { 'content-type': 'text/event-stream' } })
    const replies = [
      () => said('id: 7\nevent: lines\ndata: 1\n\n'),
      ...Array.from({ length: 9 }, () => gateways),
      () => said('event: end\ndata: {"reason":"done"}\n\n'),
    ]
    const client = createClient({
      baseUrlOf: () => 'https://api.test',
      fetch: async (_, init) => {
        asked.push(new Headers(init?.headers).get('last-event-id'))
        return (replies.shift() ?? gateways)()
      },
    })
    const states: string[] = []
    const onState = (state: string): void => void states.push(state)
    const followed = client.follow(streamContainerLines, { params: { name: 'one' }, signal: leaving.signal } as never, {
      onEvent: () => undefined,
      onState,
    })
    await vi.runAllTimersAsync()
    await followed
    expect(asked).toEqual([null, ...Array.from({ length: 10 }, () => '7')])
    expect([states.at(0), states.at(1), states.at(-1)]).toEqual(['open', 'retrying', 'ended'])
  })

  it('goes on with a stream whose source was away, and ends one that is refused', async () => {
    const said = (...problems: (readonly [number, string])[]): Reply[] =>
      problems.map(([status, code]) => () => {
        const problem = { type: 'about:blank', title: code, status, code, detail: `It is ${code}.`, requestId: 'one' }
        return new Response(`event: error\ndata: ${JSON.stringify(problem)}\n\n`, { headers: { 'content-type': 'text/event-stream' } })
      })
    const { client, keys } = clientOf(...said([503, 'DOCKER_PROXY_AWAY'], [503, 'DOCKER_PROXY_AWAY'], [404, 'DOCKER_CONTAINER_NOT_FOUND']))
    const ends: string[] = []
    const onState = (state: string, why?: { code: string }): void => void (state === 'ended' && ends.push(why?.code ?? ''))
    const input = { params: { name: 'one' }, query: {} }
    expect((await outcomeOf(client.follow(streamContainerLines, input, { onEvent: () => undefined, onState }))).ms).toBe(1_500)
    expect([ends, keys.length]).toEqual([['DOCKER_CONTAINER_NOT_FOUND'], 3])
  })
})
