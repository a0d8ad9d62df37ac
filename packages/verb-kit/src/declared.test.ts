import { allVerbs } from '@console/verbs/all'
import type { Verb } from '@console/verbs/verb'
import { describe, expect, it } from 'vitest'
import { remove, touch } from './daemon.fake.ts'
import { assertDeclared } from './declared.ts'

describe('a verb', () => {
  it('is served when its row says all: each of the product’s does', () => {
    expect(allVerbs.length).toBeGreaterThan(20)
    for (const verb of [...allVerbs, touch, remove]) expect(() => assertDeclared(verb)).not.toThrow()
  })

  it.each([
    ['an id', { id: '../x' }, 'no id'],
    ['an id of text', { id: 7 }, 'no id'],
    ['a risk', { risk: 'none' }, 'no risk'],
    ['a role', { role: undefined }, 'no role'],
    ['a role that is one', { role: 'any' }, 'no role'],
    ['a word on the backend’s key', { service: undefined }, 'backend’s key'],
    ['arguments', { args: null }, 'no arguments'],
    ['arguments of a kind that is checked', { args: { container: { is: 'anything' } } }, 'no arguments'],
    ['a list of a kind that is checked', { args: { all: { is: 'list', of: { is: 'anything' }, max: 1 } } }, 'no arguments'],
    ['limits', { limits: undefined }, 'no limits'],
    ['what runs', { runs: '' }, 'what runs'],
  ])('is not served without %s', (_what, over, why) => {
    expect(() => assertDeclared({ ...touch, ...over } as unknown as Verb)).toThrow(why)
  })

  it('that destroys is served for a person and the digest that they confirm alone', () => {
    expect(() => assertDeclared({ ...remove, service: true } as unknown as Verb)).toThrow('may never ask')
    expect(() => assertDeclared({ ...remove, args: {} } as unknown as Verb)).toThrow('without the digest')
    expect(() => assertDeclared({ ...remove, args: { digest: { is: 'id' } } } as unknown as Verb)).toThrow('without the digest')
  })
})
