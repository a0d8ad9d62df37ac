import { describe, expect, it } from 'vitest'
import { problemAt } from './field-rules.ts'
import { emptyDraft, newCheck, problemsOf } from './service-draft.ts'

describe('what the form says of a field', () => {
  it('names the field as the form does, and the rule, never the words of a schema', () => {
    const draft = {
      ...emptyDraft,
      name: 'Bad Name',
      url: 'ftp://x',
      verifyWindowSec: 'soon',
      checks: [{ ...newCheck(), intervalSec: '1' }],
      containersBy: 'project' as const,
    }
    const said = problemsOf(draft).map(({ label, rule }) => `${label}: ${rule}`)
    expect(said).toEqual([
      'Name: lower case, digits and dashes, 1 to 63, not beginning or ending with a dash',
      'Address: an address that begins with http:// or https://, or nothing',
      'Check 1, Target: an address that begins with http:// or https://',
      'Check 1, Interval, s: a whole number from 5 to 3,600',
      'Project: the name of a compose project',
      'Checks pass within, s: a whole number from 5 to 3,600',
    ])
  })

  it('finds the field of what the API refused', () => {
    expect(problemAt('body.checks.2.port', 'x', { containersBy: 'none' })).toEqual({
      field: 'checks.2.port',
      label: 'Check 3, Port',
      rule: 'a whole number from 1 to 65,535',
    })
  })

  it('asks for a secret again that a draft does not keep', () => {
    const variables = [{ key: 'k', name: 'TOKEN', secret: true, value: null, kept: false }]
    expect(problemsOf({ ...emptyDraft, name: 'a', variables })).toEqual([
      { field: 'variable k', label: 'TOKEN', rule: 'type its value: secrets are not kept in drafts' },
    ])
  })

  it('says nothing of a form that is right', () => {
    expect(problemsOf({ ...emptyDraft, name: 'a', checks: [{ ...newCheck(), url: 'http://127.0.0.1:7401/' }] })).toEqual([])
  })
})
