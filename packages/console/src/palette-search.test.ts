import { describe, expect, it } from 'vitest'
import { findEntries } from './palette-search.ts'

const entries = [
  { group: 'Pages', label: 'Overview' },
  { group: 'Pages', label: 'Services' },
  { group: 'Services', label: 'billing', detail: 'down' },
  { group: 'Services', label: 'over-the-wire', detail: 'up' },
  { group: 'Runs', label: 'billing #4', detail: 'failed' },
  { group: 'Actions', label: 'Register a service' },
]
const found = (query: string) => findEntries(entries, query).map(({ label }) => label)

describe('the palette', () => {
  it('shows pages and actions before anything is typed', () => expect(found('')).toEqual(['Overview', 'Services', 'Register a service']))
  it('puts labels that begin with the words first and keeps groups together', () =>
    expect(found('over')).toEqual(['Overview', 'over-the-wire']))
  it('looks at the details too, last', () => expect(found('down')).toEqual(['billing']))
  it('narrows to actions by > and to runs by #', () => {
    expect(found('>serv')).toEqual(['Register a service'])
    expect(found('#')).toEqual(['billing #4'])
    expect(found('# bill')).toEqual(['billing #4'])
  })
  it('finds nothing where nothing matches', () => expect(found('zzz')).toEqual([]))
})
