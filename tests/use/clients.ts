import { setTimeout as pause } from 'node:timers/promises'
import { ApiError, type Client } from '@console/api-client/client'
import { readAgainMs, readsAgain } from '@console/api-client/read-again'
import { getSession } from '@console/contracts/auth/actions'
import { listContainers, streamContainerLines } from '@console/contracts/docker/actions'
import { LogBatch } from '@console/contracts/docker/schemas'
import { ConsoleEvent, streamEvents } from '@console/contracts/events/actions'
import { createInvite } from '@console/contracts/people/actions'
import { createService, listServices } from '@console/contracts/services/actions'
import type { DeployedConsole } from '@console/testkit/deployed-console'
import { aService, type Person } from '@console/testkit/people'
import { pageClient } from './page-client.ts'

type Retry = { readonly what: string; readonly ms: number; readonly tries: number }
/** One page in use, and what it saw. */
export type Used = {
  readonly name: string
  /** What was answered for as done: services, when each was asked for, and e-mails that were invited. */
  readonly made: { readonly services: { readonly id: string; readonly askedAt: number }[]; readonly invites: string[] }
  reads: number
  /** From the first try that failed to the answer, for each call that needed more than one. */
  readonly retries: Retry[]
  /** The numbers of the lines that came, in their order. */
  readonly lines: number[]
  /** What changed as the page was told, and how often the telling began anew: then a page asks for all of it. */
  readonly told: { readonly ids: string[]; readonly openedAt: number[] }
  readonly problems: string[]
}
type Use = {
  readonly deployed: DeployedConsole
  readonly person: Person
  readonly name: string
  /** A container whose lines are `NAME NUMBER`. */
  readonly talker: string
  /** An admin’s page invites people, too. */
  readonly invites: boolean
  /** Ends the changes; what goes on sees the last of them. */
  readonly changing: AbortSignal
  readonly signal: AbortSignal
}

/** Within the thirty changes a minute of a person with four pages. */
const changeEveryMs = 9_000
const readEveryMs = 1_500

/** Reads, follows and changes as a page does, by the client of both dashboards, until the signal. */
export function use(how: Use): { readonly used: Used; readonly over: Promise<void> } {
  const used: Used = {
    ...{ name: how.name, reads: 0, retries: [], lines: [], problems: [] },
    made: { services: [], invites: [] },
    told: { ids: [], openedAt: [] },
  }
  const over = Promise.all([read(how, used), change(how, used), followLines(how, used), followEvents(how, used)]).then(() => undefined)
  return { used, over }
}

/** A client whose calls come one after the other, so that it is known which of them had to be tried again. */
function oneByOne({ deployed, person, signal }: Use, used: Used) {
  let failed = { at: 0, tries: 0 }
  const { client, close } = pageClient(deployed, person, () => {
    failed = { at: failed.at || performance.now(), tries: failed.tries + 1 }
  })
  signal.addEventListener('abort', () => setTimeout(close, 1_000), { once: true })
  return {
    client,
    async timed<T>(what: string, deed: (client: Client) => Promise<T>): Promise<T | null> {
      try {
        const result = await deed(client)
        if (failed.tries > 0) used.retries.push({ what, tries: failed.tries, ms: Math.round(performance.now() - failed.at) })
        return result
      } catch (error) {
        if (!signal.aborted) used.problems.push(`${used.name}, ${what}, after ${failed.tries} tries: ${told(error)}`)
        return null
      } finally {
        failed = { at: 0, tries: 0 }
      }
    },
  }
}

const told = (error: unknown): string =>
  error instanceof ApiError ? `${error.code} ${error.status} ${error.message} ${String(error.cause ?? '')}` : String(error)

async function read(how: Use, used: Used): Promise<void> {
  const { timed } = oneByOne(how, used)
  const reads: readonly (readonly [string, (client: Client) => Promise<unknown>])[] = [
    ['services', (client: Client) => client.call(listServices, { query: { limit: '5' }, signal: how.signal })],
    ['containers', (client: Client) => client.call(listContainers, { signal: how.signal })],
    ['session', (client: Client) => client.call(getSession, { signal: how.signal })],
  ]
  for (let turn = 0; !how.signal.aborted; turn += 1) {
    const [what = '', deed] = reads[turn % reads.length] ?? []
    if (deed && (await timed(what, (client) => asAPage(() => deed(client), how.signal))) !== null) used.reads += 1
    await rest(readEveryMs, how.signal)
  }
}

/** What a page does beside the client: it reads again after a while. */
async function asAPage<T>(deed: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await deed()
    } catch (error) {
      if (signal.aborted || !(error instanceof ApiError) || !readsAgain(failures, error)) throw error
    }
    await rest(readAgainMs, signal)
  }
}

async function change(how: Use, used: Used): Promise<void> {
  const { timed } = oneByOne(how, used)
  // Not all in the same moment.
  await rest(Math.random() * changeEveryMs, how.changing)
  for (let turn = 0; !how.changing.aborted; turn += 1) {
    const [name, askedAt] = [`${how.name}-${turn}`, Date.now()]
    if (how.invites && turn % 2 === 1) {
      const email = `${name}@example.net`
      const memberships = [{ productId: 'bytelyst-devops', role: 'viewer' as const }]
      const made = await timed('invite', (client) => client.call(createInvite, { body: { email, memberships } }))
      if (made) used.made.invites.push(email)
    } else {
      const made = await timed('service', (client) => client.call(createService, { body: aService(name) as never }))
      if (made) used.made.services.push({ id: made.id, askedAt })
    }
    await rest(changeEveryMs, how.changing)
  }
}

async function followLines(how: Use, used: Used): Promise<void> {
  const { client } = oneByOne(how, used)
  const input = { params: { name: how.talker }, query: { tail: '500' }, signal: how.signal }
  await client.follow(streamContainerLines, input, {
    onEvent: (event, data) => {
      const batch = event === 'lines' ? LogBatch.parse(data) : null
      if (batch && batch.skipped > 0) used.problems.push(`${used.name}: ${batch.skipped} lines skipped after ${used.lines.at(-1)}`)
      for (const { text } of batch?.items ?? []) used.lines.push(Number(text.split(' ')[1]))
    },
    onState: (state, why) => {
      if (state === 'ended') used.problems.push(`${used.name}: the log ended after ${used.lines.at(-1)}: ${told(why)}`)
    },
  })
}

async function followEvents(how: Use, used: Used): Promise<void> {
  const { client } = oneByOne(how, used)
  while (!how.signal.aborted) {
    await client.follow(
      streamEvents,
      { signal: how.signal },
      {
        onEvent: (_, data) => used.told.ids.push(ConsoleEvent.parse(data).id),
        onState: (state, why) => {
          if (state === 'open') used.told.openedAt.push(Date.now())
          if (why) used.problems.push(`${used.name}: events were refused: ${told(why)}`)
        },
      },
    )
    await rest(1_000, how.signal)
  }
}

const rest = (ms: number, signal: AbortSignal): Promise<void> => pause(ms, undefined, { signal }).catch(() => undefined)
