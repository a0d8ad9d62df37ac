import { openSqliteStore } from '@console/store/sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCollections } from '../collections.ts'
import type { LiveSession } from './judge-session.ts'
import { openSessionBook } from './session-book.ts'

async function newBook() {
  const clock = { ms: 1_000_000 }
  let made = 0
  const { sessions, pastSessions, references } = openCollections(openSqliteStore(':memory:'))
  const newId = () => {
    made += 1
    return `s${made}`
  }
  const book = await openSessionBook({ sessions, pastSessions, references, now: () => clock.ms, newId })
  return { clock, book }
}
const ending = { by: 'u1', why: 'test' }
const person = { userId: 'u1', amr: ['pwd'], address: '192.0.2.1', device: 'Firefox on Linux', paths: [], enrol: false }

describe('sessions', () => {
  it('have one newest value each, however they are renewed, and none that works once they have ended', async () => {
    const steps = fc.array(fc.constantFrom('renew', 'renew old', 'touch', 'wait', 'end', 'end all', 'mark'), {
      minLength: 1,
      maxLength: 25,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (some) => {
        const { clock, book } = await newBook()
        const first = await book.open(person)
        const values = [first.values]
        const known: LiveSession[] = [first.session]
        let ended = false
        const work = some.map(async (step) => {
          const session = known.at(step === 'renew old' ? 0 : -1) as LiveSession
          if (step === 'wait') clock.ms += 3_000
          if (step === 'touch') await book.touch(session)
          if (step === 'mark') await book.markRenew('u1')
          if (step === 'renew' || step === 'renew old') {
            const opened = await book.renew(session, { factor: true, paths: [] })
            if (opened) {
              values.push(opened.values)
              known.push(opened.session)
            }
          }
          if (step === 'end') await book.end(first.session.doc.sid, ending)
          if (step === 'end all') await book.endAll('u1', ending)
          ended ||= step.startsWith('end')
        })
        await Promise.all(work)
        clock.ms += 10_000
        const found = await Promise.all(values.map(({ session = '', tie = '' }) => book.find(session, tie)))
        expect(found.filter(({ is }) => is === 'live')).toHaveLength(ended ? 0 : 1)
        expect(await book.list('u1')).toHaveLength(ended ? 0 : 1)
      }),
      { numRuns: 100 },
    )
  })

  it('are not renewed from a value that was replaced', async () => {
    const { book } = await newBook()
    const { session, values } = await book.open(person)
    await book.renew(session, { factor: false, paths: [] })
    const old = await book.find(values.session ?? '', values.tie ?? '')
    expect(old.is === 'live' && old.session.superseded).toBe(true)
    expect(await book.renew((old as { session: LiveSession }).session, { factor: true, paths: [] })).toBeNull()
  })

  it('are ended for a person but one', async () => {
    const { book } = await newBook()
    const mine = await book.open(person)
    await book.open(person)
    await book.open({ ...person, userId: 'u2' })
    expect(await book.endAll('u1', { ...ending, exceptSid: mine.session.doc.sid })).toBe(1)
    expect((await book.list('u1')).map(({ doc }) => doc.sid)).toEqual([mine.session.doc.sid])
    expect(await book.list('u2')).toHaveLength(1)
  })
})
