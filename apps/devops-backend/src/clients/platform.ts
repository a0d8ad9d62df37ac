import { hash } from 'node:crypto'
import { Introspection, Standing } from '@console/contracts/internal/actions'
import type { Role } from '@console/contracts/shapes'
import { AppError } from '@console/http-kit/problem'
import { Agent, request } from 'undici'

export type PlatformClient = {
  /** Who a reference or API token stands for; null when it stands for nobody. Answers at most 4 s old. */
  whoIs(question: { token: string; tie: string | null; activity: boolean; changing: boolean }): Promise<Person | null>
  /** What people may do now; null for whoever may do nothing any more. */
  rolesOf(userIds: readonly string[]): Promise<Map<string, Role | null>>
  /** One of the journal routes of platform-service. */
  post(path: string, body: object, signal?: AbortSignal): Promise<unknown>
  close(): Promise<void>
}
type Person = Extract<Introspection, { active: true }>

type Options = {
  readonly baseUrl: string
  readonly serviceToken: (audience: 'platform-service') => string
  /** Monotonic milliseconds, and the wall clock for a membership's end. */
  readonly clock: { monotonic: () => number; wall: () => number }
}
type Entry = {
  answer: Promise<Introspection>
  askedAt: number
  good: { value: Introspection; at: number } | null
  /** The answer is the last good one, because platform-service did not answer; no change may rest on it. */
  old?: true
}

const freshMs = 4_000
/** While platform-service is away, reads go on this long with the last answer; changes are refused at once. */
const staleMs = 60_000
const most = 10_000

/** The client of platform-service. Keys of the cache are hashes: a token is never a key in memory dumps of a map. */
export function createPlatformClient({ baseUrl, serviceToken, clock }: Options): PlatformClient {
  const agent = new Agent({ connections: 16, headersTimeout: 5_000, bodyTimeout: 5_000, connect: { timeout: 2_000 } })
  const cache = new Map<string, Entry>()

  const post = async (path: string, body: object, signal?: AbortSignal): Promise<unknown> => {
    const reply = await request(`${baseUrl}/platform/api${path}`, {
      dispatcher: agent,
      method: 'POST',
      headers: { authorization: `Bearer ${serviceToken('platform-service')}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    }).catch((cause: unknown) => {
      throw away(cause)
    })
    const value: unknown = await reply.body.json().catch(() => null)
    if (reply.statusCode >= 400) throw away(new Error(`platform-service answered ${reply.statusCode} to ${path}`))
    return value
  }

  const ask = (key: string, question: { token: string; tie: string | null; activity: boolean }): Entry => {
    const before = cache.get(key)?.good ?? null
    const entry: Entry = { askedAt: clock.monotonic(), good: before, answer: Promise.resolve({ active: false }) }
    entry.answer = post('/internal/introspect', question).then((value) => {
      const parsed = Introspection.parse(value)
      entry.good = { value: parsed, at: clock.monotonic() }
      return parsed
    })
    entry.answer.catch(() => undefined)
    cache.set(key, entry)
    const [oldest] = cache.keys()
    if (cache.size > most && oldest !== undefined) cache.delete(oldest)
    return entry
  }

  return {
    post,
    async rolesOf(userIds) {
      const { items } = Standing.parse(await post('/internal/people/standing', { userIds }))
      return new Map(items.map(({ userId, role }) => [userId, role]))
    },
    async whoIs({ token, tie, activity, changing }) {
      const key = hash('sha256', `${token}\0${tie ?? ''}`, 'base64')
      const kept = cache.get(key)
      const tooOld = (entry: Entry): boolean => !entry.good || clock.monotonic() - entry.good.at >= staleMs
      const usable = kept && clock.monotonic() - kept.askedAt < freshMs && !(kept.old && (changing || tooOld(kept)))
      const entry = usable ? kept : ask(key, { token, tie, activity })
      const answer = await entry.answer.catch((error: unknown) => {
        cache.delete(key)
        if (!entry.good || tooOld(entry)) throw error
        cache.set(key, { ...entry, old: true, answer: Promise.resolve(entry.good.value) })
        if (changing) throw error
        return entry.good.value
      })
      if (!answer.active) return null
      return answer.notAfterMs !== null && clock.wall() >= answer.notAfterMs ? null : answer
    },
    close: () => agent.close(),
  }
}

function away(cause: unknown): AppError {
  return new AppError(
    'AUTH_UNAVAILABLE',
    503,
    'platform-service does not answer, so nobody can be recognised. Changes wait until it does.',
    { cause },
  )
}
