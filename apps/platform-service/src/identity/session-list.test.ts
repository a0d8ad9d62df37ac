import { openSqliteStore } from '@console/store/sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Collections, openCollections, partition } from '../collections.ts'
import { removeExpired } from '../sweeper.ts'
import { type Answering, unsure } from '../unsure-collection.fake.ts'
import { watched } from '../watched-collection.ts'
import { allOf } from './all-of.ts'
import type { LiveSession } from './judge-session.ts'
import { sessionRules } from './judge-session.ts'
import { openSessionBook, type SessionBook } from './session-book.ts'
import type { SessionQuestion } from './session-list.ts'

const { idleMs, absoluteMs } = sessionRules
const byLast = (a: readonly string[], b: readonly string[]) => (a.join(' ') < b.join(' ') ? 1 : -1)
/** What a list has to say, told from the documents alone. */
async function told({ sessions, pastSessions }: Stored, nowMs: number) {
  const live = (await allOf(sessions)).filter(({ doc }) => {
    const end = Math.min(Date.parse(doc.lastUsedAt) + idleMs, Date.parse(doc.createdAt) + absoluteMs, Date.parse(doc.expiresAt))
    return doc.supersededAt === null && doc.endedAt === null && end > nowMs
  })
  const past = await allOf(pastSessions)
  return {
    live: live.map(({ doc }) => [doc.lastUsedAt, doc.sid, doc.userId, doc.device]).sort(byLast),
    past: past.map(({ id, doc }) => [doc.endedAt, id, doc.userId, `${doc.device} ${doc.endedBy} ${doc.endedWhy}`]).sort(byLast),
  }
}
type Stored = Pick<Collections, 'sessions' | 'pastSessions'>

/** Every page there is, as the same rows. */
async function pages(book: SessionBook, question: Partial<SessionQuestion>) {
  const [live, past]: [string[][], string[][]] = [[], []]
  let from: SessionQuestion['from'] = null
  for (;;) {
    const page = await book.everybodys.page({ fits: () => true, limit: 2, ...question, from })
    expect(page.items.length).toBeLessThanOrEqual(question.limit ?? 2)
    for (const { over, lastUsedAt, endsAt, sid, userId, device } of page.items)
      if (over === null) live.push([lastUsedAt, sid, userId, device])
      else past.push([endsAt, sid, userId, `${device} ${over.by} ${over.why}`])
    if (page.next === null) return { live, past, counted: [page.live, page.people] }
    from = page.next
  }
}

describe('everybody’s sessions in memory', () => {
  const step = fc.record({
    what: fc.constantFrom('open', 'open', 'touch', 'renew', 'end', 'end all', 'mark', 'wait', 'sweep', 'start anew'),
    who: fc.constantFrom('u1', 'u2', 'u3'),
    pick: fc.nat(20),
    waits: fc.constantFrom(1_000, 61_000, idleMs / 2, idleMs, absoluteMs, sessionRules.keptMs),
    how: fc.constantFrom<Answering>('at once', 'later', 'lost'),
  })

  it('are what the store says after any sign-ins, uses, ends, sweeps, lost answers and starts', async () => {
    const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(rounds, fc.integer({ min: 1, max: 4 }), async (all, limit) => {
        const clock = { ms: 1_700_000_000_000 }
        let made = 0
        const answers: Answering[] = []
        const { sessions, pastSessions, references } = openCollections(openSqliteStore(':memory:'))
        const next = () => answers.shift() ?? 'at once'
        const start = async () => {
          const stored = {
            sessions: watched(unsure(sessions, next), partition),
            pastSessions: watched(unsure(pastSessions, next), partition),
          }
          const newId = () => {
            made += 1
            return `s${made}`
          }
          const book = await openSessionBook({ ...stored, references, now: () => clock.ms, newId })
          return { book, ...stored }
        }
        let running = await start()
        let known: LiveSession[] = []
        const carryOut = async ({ what, who, pick, waits }: (typeof all)[number][number]): Promise<void> => {
          const { book } = running
          const session = known[pick % Math.max(1, known.length)]
          if (what === 'open') known.push((await book.open({ ...person, userId: who, device: `browser ${pick}` })).session)
          if (what === 'wait') clock.ms += waits
          if (what === 'end all') await book.endAll(who, ending)
          if (what === 'mark') await book.markRenew(who)
          if (what === 'sweep') {
            await book.sweep()
            const iso = new Date(clock.ms).toISOString()
            await removeExpired(running.sessions, iso, book.keep)
            await removeExpired(running.pastSessions, iso)
          }
          if (!session) return
          const current = await book.current(session.doc.sid)
          if (what === 'touch' && current) await book.touch(current)
          if (what === 'end') await book.end(session.doc.sid, ending)
          if (what === 'renew' && current) await book.renew(current, { factor: true, paths: [] })
        }
        for (const round of all) {
          answers.push(...round.map(({ how }) => how))
          await Promise.allSettled(round.map(carryOut))
          answers.length = 0
          if (round.some(({ what }) => what === 'start anew')) running = await start()
          known = known.slice(-20)
          const { live, past } = await told({ sessions, pastSessions }, clock.ms)
          expect(await pages(running.book, { limit })).toEqual({
            live,
            past,
            counted: [live.length, new Set(live.map((one) => one[2])).size],
          })
          const of = ([, , userId]: string[]) => userId === 'u1'
          expect(await pages(running.book, { limit, userId: 'u1', state: 'ended' })).toMatchObject({ live: [], past: past.filter(of) })
          expect(await pages(running.book, { limit, userId: 'u1', state: 'live' })).toMatchObject({ live: live.filter(of), past: [] })
          expect(running.book.everybodys.counts().get('u1') ?? 0).toBe(live.filter(of).length)
        }
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

const ending = { by: 'u1', why: 'test' }
const person = { amr: ['pwd'], address: '192.0.2.1', paths: [], enrol: false }
