import { describe, expect, it } from 'vitest'
import { isHere } from './navigation.ts'

describe('isHere', () => {
  it('is one page for each path, also where the first page has an address of its own', () => {
    const pages = [{ href: '/people', first: true }, { href: '/products' }, { href: '/' }]
    const here = (path: string) => pages.filter((page) => isHere(path, page)).map(({ href }) => href)
    expect(['/people', '/people/view', '/products', '/peoples', '/profile'].map(here)).toEqual([
      ['/people'],
      ['/people'],
      ['/products'],
      [],
      [],
    ])
    expect(isHere('/', { href: '/people', first: true })).toBe(true)
    expect(isHere('/', { href: '/products' })).toBe(false)
    expect(isHere('/', { href: '/' })).toBe(true)
  })
})
