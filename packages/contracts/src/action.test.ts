import { startRun } from '@console/verbs/runs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineAction } from './action.ts'

const at = { api: 'devops', auth: 'session', summary: 'Do it.', errors: [] } as const
const done = { status: 200, body: z.strictObject({ id: z.string() }) } as const

describe('defineAction', () => {
  it('takes risk and role from the verb', () => {
    const action = defineAction({
      ...at,
      id: 'a.b.c',
      method: 'POST',
      path: '/x',
      verb: startRun,
      success: done,
      audit: { target: { fixed: 'x' }, fields: {} },
    })
    expect([action.risk, action.role]).toEqual(['change', 'operator'])
  })

  it('refuses a GET that changes something', () => {
    const spec = {
      ...at,
      id: 'a.b.c',
      method: 'GET',
      path: '/x',
      risk: 'change',
      success: done,
      audit: { target: { fixed: 'x' }, fields: {} },
    } as const
    expect(() => defineAction(spec)).toThrow('GET changes nothing')
  })

  it('refuses a public action with a risk', () => {
    expect(() => defineAction({ ...at, auth: 'public', id: 'a.b.c', method: 'GET', path: '/x', risk: 'read', success: done })).toThrow(
      'risk none',
    )
  })

  it('refuses an object that takes unknown fields, nested ones too', () => {
    const loose = z.strictObject({ inner: z.array(z.object({ a: z.string() })) })
    expect(() => defineAction({ ...at, id: 'a.b.c', method: 'POST', path: '/x', risk: 'read', body: loose, success: done })).toThrow(
      'strictObject',
    )
  })

  it('refuses to ask for a factor without saying so, and where nobody has one', () => {
    const asking = { ...at, id: 'a.b.c', method: 'GET', path: '/x', risk: 'read', factor: 'fresh', success: done } as const
    expect(() => defineAction(asking)).toThrow('among the errors')
    const said = { ...asking, errors: ['AUTH_STEP_UP_REQUIRED'] }
    expect(defineAction(said).factor).toBe('fresh')
    expect(() => defineAction({ ...said, auth: 'service' })).toThrow('of a session')
  })

  it('refuses a path whose parameter nobody declares', () => {
    expect(() => defineAction({ ...at, id: 'a.b.c', method: 'GET', path: '/x/:id', risk: 'read', success: done })).toThrow(':id')
  })

  it('refuses another role than the verb’s', () => {
    const audit = { target: { fixed: 'x' }, fields: {} } as const
    expect(() =>
      defineAction({ ...at, id: 'a.b.c', method: 'POST', path: '/x', verb: startRun, role: 'viewer', success: done, audit }),
    ).toThrow('verb’s')
  })

  it('refuses a change without audit when the types were silenced', () => {
    const spec = { ...at, id: 'a.b.c', method: 'POST', path: '/x', risk: 'change', success: done }
    expect(() => defineAction(spec as never)).toThrow('audited')
  })
})

// What must not compile: each line fails the type check when its rule is lost.
export function neverCalled() {
  const body = z.strictObject({ reason: z.string() })
  const post = { ...at, id: 'a.b.c', method: 'POST', path: '/x', success: done } as const
  const fixed = { fixed: 'x' } as const
  // @ts-expect-error a change without audit
  defineAction({ ...post, risk: 'change' })
  // @ts-expect-error a change by its verb without audit
  defineAction({ ...post, verb: startRun })
  const undecided = { target: fixed, fields: {} }
  // @ts-expect-error an undecided body field
  defineAction({ ...post, risk: 'change', body, audit: undecided })
  const nowhere = { target: { body: 'x' }, fields: { reason: 'keep' } } as const
  // @ts-expect-error a target that is no body field
  defineAction({ ...post, risk: 'change', body, audit: nowhere })
  // @ts-expect-error a risk beside a verb
  defineAction({ ...post, risk: 'change', verb: startRun, audit: undecided })
  const empty = { status: 204, body: z.strictObject({}) } as const
  // @ts-expect-error 204 with a body
  defineAction({ ...post, risk: 'read', success: empty })
  // @ts-expect-error a destroy without confirm text
  defineAction({ ...post, risk: 'destroy', audit: undecided })
}
