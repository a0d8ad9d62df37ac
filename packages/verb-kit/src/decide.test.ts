import type { Verb } from '@console/verbs/verb'
import { describe, expect, it } from 'vitest'
import type { Caller } from './caller.ts'
import { whyNot } from './decide.ts'

const verb = { id: 'things.touch', role: 'operator', risk: 'change' } as unknown as Verb
const person = (role: 'viewer' | 'operator' | 'admin', amr = ['pwd']): Caller => ({ kind: 'person', id: 'u1', sid: 's1', role, amr })
const backend: Caller = { kind: 'service', id: 'system:devops-backend' }

describe('who may ask a verb', () => {
  it.each([
    ['viewer', ['viewer']],
    ['operator', ['viewer', 'operator']],
    ['admin', ['viewer', 'operator', 'admin']],
  ] as const)('a person who is %s: what needs %s', (role, allowed) => {
    const needed = ['viewer', 'operator', 'admin'] as const
    expect(needed.filter((one) => whyNot({ ...verb, role: one }, person(role)) === null)).toEqual(allowed)
  })

  it('tells which role is missing', () => {
    expect(whyNot(verb, person('viewer'))).toBe('things.touch needs the role operator; this is viewer.')
  })

  it('is the backend only where a verb says so, whatever role it needs', () => {
    expect(whyNot({ ...verb, service: true }, backend)).toBeNull()
    expect(whyNot(verb, backend)).toBe('things.touch is for people only.')
  })

  it('is never a token where something is destroyed', () => {
    const gone = { ...verb, risk: 'destroy' } as Verb
    expect(whyNot(gone, person('admin', ['api']))).toBe('things.touch needs a person, not a token.')
    expect(whyNot(gone, person('admin'))).toBeNull()
    expect(whyNot(verb, person('admin', ['api']))).toBeNull()
  })
})
