import { setTimeout as pause } from 'node:timers/promises'
import { openEvents, type SentEvent } from '@console/testkit/event-stream'
import type { Person } from '@console/testkit/people'

/** What all viewers saw together. */
export type Seen = {
  changes: number
  lines: number
  /** Times that a viewer opened a stream: its first, and each time that it came back. */
  opened: number
  /** Lines that a viewer was told it was too slow for. */
  skipped: number
  /** Answers by their code that a part was away for a moment, for a busy engine may take longer than the console waits; or that a container was just gone. */
  readonly away: Map<string, number>
  /** Whatever must not be: refusals, lines that were lost or came twice. */
  readonly problems: string[]
}
type Viewing = {
  readonly person: Person
  readonly port: number
  /** Containers whose lines are numbered, `soak LIFE NUMBER`. */
  readonly talkers: readonly string[]
  /** Goes away now and then for a while; others stay for as long as a stream may. */
  readonly restless: boolean
  readonly random: () => number
  readonly seen: Seen
  readonly signal: AbortSignal
}
type Batch = { readonly items: readonly { readonly text: string }[]; readonly skipped: number }

const pages = ['/vm/containers', '/services', '/health-checks', '/deployments?limit=20', '/incidents', '/audit?limit=50', '/parts']

export const nothingSeen = (): Seen => ({ changes: 0, lines: 0, opened: 0, skipped: 0, away: new Map(), problems: [] })

/** One browser: what changes, one container's log, and a page now and then. Resolves when the signal has come and all is closed. */
export async function view(viewing: Viewing): Promise<void> {
  await Promise.all([followChanges(viewing), followLogs(viewing), readPages(viewing)])
}

async function followChanges(viewing: Viewing): Promise<void> {
  while (!viewing.signal.aborted)
    await stay(viewing, '/api/devops/events', null, ({ event }) => {
      if (event === 'change') viewing.seen.changes += 1
    })
}

async function followLogs(viewing: Viewing): Promise<void> {
  const { talkers, random, signal, seen } = viewing
  let name = ''
  let cursor: string | null = null
  let lines = numbered(name)
  while (!signal.aborted) {
    if (name === '' || random() < 0.3) {
      name = talkers[Math.floor(random() * talkers.length)] ?? ''
      cursor = null
      lines = numbered(name)
    }
    await stay(viewing, `/api/devops/vm/containers/${name}/logs/stream?tail=20`, cursor, (event) => {
      if (event.event !== 'lines') return
      cursor = event.id ?? cursor
      const { items, skipped } = JSON.parse(event.data) as Batch
      if (skipped > 0) lines = numbered(name)
      seen.skipped += skipped
      seen.lines += items.length
      for (const { text } of items) seen.problems.push(...lines(text))
    })
  }
}

/** Tells of each line whether it follows on the one before: the next of the same life, or the first of another. */
export function numbered(name: string): (text: string) => string[] {
  let before: { life: string; number: number } | null = null
  return (text) => {
    const [word, life = '', digits] = text.split(' ')
    const number = Number(digits)
    if (word !== 'soak' || !Number.isInteger(number)) return [`${name}: a line that is none of its: ${text}`]
    const wanted = before === null ? number : before.life === life ? before.number + 1 : 1
    const told = before
    before = { life, number }
    return number === wanted ? [] : [`${name}: after ${told?.life} ${told?.number} came ${life} ${number}`]
  }
}

/** Opens a stream and stays until it ends, or until a restless viewer has had enough and has been away for a while. */
async function stay(viewing: Viewing, path: string, lastEventId: string | null, take: (event: SentEvent) => void): Promise<void> {
  const { person, port, restless, random, seen, signal } = viewing
  const stream = await openEvents({ port, path, cookie: person.devops.cookiesFor('/api/devops/events'), lastEventId }, take)
  seen.opened += 1
  if (stream.status !== 200) judge(seen, `${path}: ${stream.status} ${stream.refusal}`)
  const leaving = new AbortController()
  const stays = restless ? pause(2_000 + random() * 90_000, undefined, { signal: leaving.signal }) : new Promise<void>(() => undefined)
  const bored = stays.catch(() => undefined)
  const told = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true, signal: leaving.signal }))
  await Promise.race([stream.over, bored, told])
  leaving.abort()
  stream.close()
  await rest(signal, 2_000 + random() * 8_000)
}

async function readPages({ person, random, seen, signal }: Viewing): Promise<void> {
  while (!signal.aborted) {
    await rest(signal, 4_000 + random() * 12_000)
    if (signal.aborted) return
    const page = pages[Math.floor(random() * pages.length)] ?? ''
    const { status, text } = await person.devops.get(page)
    if (status !== 200) judge(seen, `${page}: ${status} ${text}`)
  }
}

function judge(seen: Seen, answer: string): void {
  const code = /"code":"([A-Z_]+_AWAY|DOCKER_CONTAINER_NOT_FOUND)"/.exec(answer)?.[1]
  if (code === undefined) seen.problems.push(answer)
  else seen.away.set(code, (seen.away.get(code) ?? 0) + 1)
}

const rest = (signal: AbortSignal, ms: number): Promise<void> => pause(ms, undefined, { signal }).catch(() => undefined)
