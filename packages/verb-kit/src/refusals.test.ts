import type { NewRow } from '@console/audit-chain/log'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Limiter } from './limits.ts'
import { createRefusalBook, type Refusal, type RefusalBook } from './refusals.ts'

const person = { kind: 'person', id: 'u1', sid: 's1', role: 'viewer', amr: ['pwd'] } as const
const refusal: Refusal = { action: 'things.touch', risk: 'change', caller: person, requestId: 'r1', code: 'AUTH_FORBIDDEN' }

describe('the book of refusals', () => {
  let rows: NewRow[]
  let said: unknown[][]
  let asked: string[]
  let room: boolean
  let broken: boolean
  let book: RefusalBook
  let now: number
  beforeEach(() => {
    rows = []
    said = []
    asked = []
    room = true
    broken = false
    now = 0
    book = createRefusalBook({
      journal: {
        append: async (row) => {
          if (broken) throw new Error('the disk is full')
          rows.push(row)
          return row as never
        },
      },
      limiter: { takeRefusal: (id: string) => asked.push(id) > 0 && room } as unknown as Limiter,
      log: (...line) => void said.push(line),
      monotonic: () => now,
    })
  })

  it('writes who was refused what', async () => {
    await book.record({ ...refusal, details: { path: '/x' } })
    await book.record({ caller: null, requestId: 'r2', code: 'ROUTE_NOT_FOUND' })
    const common = { target: '-', outcome: 'denied' }
    expect(rows).toEqual([
      {
        ...common,
        action: 'things.touch',
        risk: 'change',
        actor: { kind: 'person', id: 'u1' },
        requestId: 'r1',
        code: 'AUTH_FORBIDDEN',
        details: { path: '/x' },
      },
      {
        ...common,
        action: 'daemon.request.refused',
        actor: { kind: 'anonymous', id: 'anonymous' },
        requestId: 'r2',
        code: 'ROUTE_NOT_FOUND',
      },
    ])
    expect(asked).toEqual(['u1', 'anonymous'])
  })

  it('only counts a flood, and tells alike ones as one row with their number, once', async () => {
    room = false
    for (const requestId of ['r1', 'r2', 'r3']) await book.record({ ...refusal, requestId, details: { path: '/x' } })
    await book.record({ ...refusal, code: 'INPUT_INVALID' })
    await book.record({ ...refusal, action: 'things.see' })
    await book.record({ ...refusal, caller: { ...person, id: 'u2' } })
    expect(rows).toEqual([])
    await book.flush()
    expect(rows.map(({ actor, action, code, count, requestId }) => [actor.id, action, code, count, requestId])).toEqual([
      ['u1', 'things.touch', 'AUTH_FORBIDDEN', 3, '-'],
      ['u1', 'things.touch', 'INPUT_INVALID', 1, '-'],
      ['u1', 'things.see', 'AUTH_FORBIDDEN', 1, '-'],
      ['u2', 'things.touch', 'AUTH_FORBIDDEN', 1, '-'],
    ])
    expect(rows.every((row) => !('details' in row))).toBe(true)
    await book.flush()
    expect(rows).toHaveLength(4)
  })

  it('tells a reader what was counted, and no oftener than it is told to', async () => {
    room = false
    await book.record(refusal)
    now = 999
    await book.flushIfOlder(1_000)
    expect(rows).toHaveLength(0)
    now = 1_000
    await book.flushIfOlder(1_000)
    expect(rows).toHaveLength(1)
    await book.record(refusal)
    now = 1_500
    await book.flushIfOlder(1_000)
    expect(rows).toHaveLength(1)
  })

  it('keeps at most 200 kinds apart; what is beyond them is counted together', async () => {
    room = false
    for (let kind = 0; kind < 203; kind += 1) await book.record({ ...refusal, code: `CODE_${kind}` })
    await book.record({ ...refusal, code: 'CODE_0' })
    await book.flush()
    expect(rows).toHaveLength(201)
    expect(rows[0]).toMatchObject({ code: 'CODE_0', count: 2 })
    expect(rows[199]).toMatchObject({ code: 'CODE_199', count: 1 })
    expect(rows[200]).toEqual({
      action: 'daemon.request.refused',
      target: '-',
      outcome: 'denied',
      actor: { kind: 'anonymous', id: 'anonymous' },
      requestId: '-',
      code: 'REFUSED_OTHERWISE',
      count: 3,
    })
  })

  it('says so when a row cannot be written, and refuses all the same', async () => {
    broken = true
    await book.record(refusal)
    expect(said).toEqual([['error', 'a refusal could not be recorded', { error: 'Error: the disk is full' }]])
  })
})
