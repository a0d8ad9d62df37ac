import { expect, test } from 'vitest'
import { complaints, dependenciesOf, type Lock, licencesPage } from './licences.ts'

const lock: Lock = {
  packages: {
    'a@1.0.0': {},
    '@s/b@2.0.0': {},
    'tool@3.0.0': {},
    'native-linux-x64@1.0.0': { os: ['linux'] },
    'elsewhere@1.0.0': { cpu: ['arm'] },
  },
  snapshots: {
    'a@1.0.0(peer@1.0.0)': { dependencies: { '@s/b': '2.0.0' }, optionalDependencies: { 'native-linux-x64': '1.0.0' } },
    '@s/b@2.0.0': { dependencies: { a: '1.0.0(peer@1.0.0)' } },
  },
  importers: {
    '.': { dependencies: { tool: { version: '3.0.0' } } },
    'apps/one': { dependencies: { a: { version: '1.0.0(peer@1.0.0)' }, '@console/x': { version: 'link:../x' } } },
  },
}
const licences: Readonly<Record<string, string>> = { a: 'MIT', '@s/b': 'ISC', tool: 'MPL-2.0', 'native-linux-x64': 'MIT' }
const read = (more: Readonly<Record<string, string>> = {}) => dependenciesOf(lock, (name) => ({ ...licences, ...more })[name] ?? null)

test('what a part imports, itself or through another, is shipped; a tool is not', () => {
  expect(read().map(({ name, shipped, platform }) => [name, shipped, platform])).toEqual([
    ['@s/b', true, false],
    ['a', true, false],
    ['elsewhere', false, true],
    ['native-linux-x64', true, true],
    ['tool', false, false],
  ])
  expect(complaints(read())).toEqual([])
})

test.each([
  ['WTFPL', '“WTFPL”'],
  ['no licence', '“no licence”'],
  ['constructor', '“constructor”'],
  ['MPL-2.0', 'is for tools alone'],
])('a shipped package under %s is complained of', (licence, said) => {
  expect(complaints(read({ '@s/b': licence }))).toEqual([expect.stringContaining(said)])
})

test('the page is the same on a machine with other platform packages', () => {
  expect(licencesPage(read({ elsewhere: 'MIT' }))).toBe(licencesPage(read()))
})
