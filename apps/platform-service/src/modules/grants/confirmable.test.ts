import { allActions } from '@console/contracts/all-actions'
import { allVerbs } from '@console/verbs/all'
import { describe, expect, it } from 'vitest'
import { confirmableIn } from './confirmable.ts'

describe('what can be confirmed', () => {
  const found = confirmableIn(allVerbs, allActions)

  it('is exactly what destroys: verbs of daemons, and actions that touch none', () => {
    const expected = [
      ...allVerbs.filter(({ risk }) => risk === 'destroy').map(({ id }) => id),
      ...allActions.filter(({ risk, verb }) => risk === 'destroy' && !verb).map(({ id }) => id),
    ]
    expect(expected.length).toBeGreaterThan(1)
    expect([...found.keys()].sort()).toEqual(expected.sort())
  })

  it('is for the daemon of the verb, or the service of the action', () => {
    for (const verb of allVerbs) if (verb.risk === 'destroy') expect(found.get(verb.id)?.audience).toBe(verb.daemon)
    for (const action of allActions)
      if (action.risk === 'destroy' && !action.verb)
        expect(found.get(action.id)?.audience).toBe(action.api === 'devops' ? 'devops-backend' : 'platform-service')
  })

  it('never has two meanings', () => {
    const [verb] = allVerbs.filter(({ risk }) => risk === 'destroy')
    expect(() =>
      confirmableIn(
        [verb, verb].filter((one) => one !== undefined),
        [],
      ),
    ).toThrow('two things that destroy')
  })
})
