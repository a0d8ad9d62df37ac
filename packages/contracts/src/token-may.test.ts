import { describe, expect, it } from 'vitest'
import { allActions } from './all-actions.ts'
import { tokenMay } from './token-may.ts'

describe('what a token may', () => {
  it.each([
    ['what destroys', { risk: 'destroy' }],
    ['what every session may', { role: 'any' }],
    ['what asks for a factor', { errors: ['USER_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'] }],
    ['what programs of ours ask each other', { auth: 'service' }],
    ['what nobody has to be known for', { auth: 'public' }],
  ] as const)('is not %s', (_what, other) => {
    const change = { auth: 'session', risk: 'change', role: 'operator', errors: ['USER_NOT_FOUND'] } as const
    expect(tokenMay(change)).toBe(true)
    expect(tokenMay({ ...change, ...other })).toBe(false)
  })

  it('is some of what stands in the list of each API', () => {
    for (const api of ['devops', 'platform'] as const) {
      const actions = allActions.filter((action) => action.api === api)
      const may = actions.filter(tokenMay)
      expect(may.length).toBeGreaterThan(3)
      expect(may.length).toBeLessThan(actions.length)
    }
  })
})
