import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { files, root, textOf } from './source-files.ts'

const documents = files.filter((path) => /^(README\.md|(docs|examples)\/.*\.md)$/.test(path))
const rooms = '(?:apps|packages|scripts|docs|tests|examples|deploy|vm|bench)'

it('names no path that is not there', () => {
  const named = documents.flatMap((document) => [
    ...[...textOf(document).matchAll(new RegExp(`\`(?:[a-z]+ )*(${rooms}/[A-Za-z0-9._/-]+)(?: [^\`]*)?\``, 'g'))].map(([, path = '']) => ({
      document,
      path: join(root, path),
    })),
    ...[...textOf(document).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => ({
      document,
      path: join(root, document, '..', path),
    })),
  ])
  expect(named.filter(({ path }) => !existsSync(path))).toEqual([])
  expect(documents.length).toBeGreaterThan(10)
  expect(named.length).toBeGreaterThan(30)
})

it('names no command that is not in package.json', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
  const own = new Set(['install', 'exec', ...Object.keys(scripts)])
  const named = documents.flatMap((document) =>
    [...textOf(document).matchAll(/pnpm(?:@12)? ([a-z][a-z:-]*)/g)].map(([, command = '']) => ({ document, command })),
  )
  expect(named.filter(({ command }) => !own.has(command))).toEqual([])
  expect(named.length).toBeGreaterThan(5)
})

it('has reference pages that fit the code', () => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/generate.ts', '--check'], { cwd: root, encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, ''])
})

it('depends on nothing whose licence nobody has looked at', () => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/licences.ts', '--check'], { cwd: root, encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d+ packages locked, [1-9]\d* installed, 0 complaints\n$/)])
})

it.each([
  ['docker-proxy', ['apps/docker-proxy/src/config.ts', 'packages/verb-kit/src/daemon-config.ts']],
  ['host-agent', ['apps/host-agent/src/config.ts', 'packages/verb-kit/src/daemon-config.ts']],
  ['start', ['apps/launcher/src/config.ts']],
  ['web-host', ['packages/web-host/src/config.ts', 'packages/web-host/src/dashboard-settings.ts']],
])('lists exactly the variables that %s reads', (program, sources) => {
  const read = sources.flatMap((path) =>
    [...textOf(path).matchAll(/\benv\.([A-Z_]+)|\b(?:path|port|address)(?:From)?\((?:env, )?'([A-Z_]+)'/g)].map(
      ([, member, named]) => member ?? named,
    ),
  )
  const rows = textOf('docs/reference/environment.md').matchAll(new RegExp(`^\\| ${program} \\| \`([A-Z_]+)\``, 'gm'))
  expect([...rows].map(([, name]) => name).sort()).toEqual([...new Set(read)].sort())
  expect(read.length).toBeGreaterThan(4)
})

it('names tests by titles that they have', () => {
  const named = documents.flatMap((document) => [...textOf(document).matchAll(/`([^`]+\.test\.ts)`: “([^”]+)”/g)])
  expect(named.filter(([, path = '', title = '']) => !textOf(path).includes(`'${title}'`)).map(([whole]) => whole)).toEqual([])
  expect(named.length).toBeGreaterThan(60)
})

it('lists every variable by which the tests find a part of the machine', () => {
  const read = [...textOf('packages/testkit/src/machine.ts').matchAll(/\benv\.([A-Z_]+)/g)].map(([, name = '']) => name)
  const page = textOf('docs/testing.md')
  expect([...new Set(read)].filter((name) => !page.includes(`\`${name}`))).toEqual([])
  expect(read.length).toBeGreaterThan(8)
})
