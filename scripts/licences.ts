/**
 * What the project depends on, and under which licences: `licences` writes docs/reference/licences.md, `--check` writes nothing. Reads the lock
 * file and the installed packages; fails for a package without a licence that is known here. A package for one platform alone is named without
 * its version's text being read where it is not installed.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

type Locked = { readonly os?: unknown; readonly cpu?: unknown; readonly libc?: unknown }
type Snapshot = { readonly dependencies?: Record<string, string>; readonly optionalDependencies?: Record<string, string> }
type Importer = { readonly dependencies?: Record<string, { readonly version: string }> }
export type Lock = {
  readonly packages: Readonly<Record<string, Locked>>
  readonly snapshots: Readonly<Record<string, Snapshot>>
  readonly importers: Readonly<Record<string, Importer>>
}
/** One locked package. `licence` is null where it is not installed; `shipped` where a part that runs imports it, itself or through another. */
export type Dependency = {
  readonly name: string
  readonly version: string
  readonly licence: string | null
  readonly shipped: boolean
  readonly platform: boolean
}

/** Licences that may be used, and what each asks of us. */
export const known: Readonly<Record<string, string>> = {
  '0BSD': 'nothing',
  'Apache-2.0': 'its text and notices go along',
  'BSD-2-Clause': 'its text goes along',
  'BSD-3-Clause': 'its text goes along',
  'BlueOak-1.0.0': 'its text goes along',
  'CC-BY-4.0': 'its author is named; data',
  ISC: 'its text goes along',
  'LGPL-3.0-or-later': 'a library beside the program, unchanged and exchangeable; never copied into it',
  MIT: 'its text goes along',
  'MIT-0': 'nothing',
  'MIT OR Apache-2.0': 'its text goes along',
  '(MIT AND Zlib)': 'its text goes along',
  '(Apache-2.0 AND BSD-3-Clause)': 'its texts and notices go along',
  'MPL-2.0': 'its own files stay under it; used unchanged',
}
/** These must not become part of what is shipped, for the sake of what they ask of those who pass it on. */
const toolsOnly: ReadonlySet<string> = new Set(['MPL-2.0', 'LGPL-3.0-or-later'])
/** Installed beside a shipped package and never run by a part: Next optimises pictures with them, which a static export cannot do. */
const neverRun = /^@img\/sharp/

/** Packages whose package.json names none, and what their own text says instead. */
const readElsewhere: Readonly<Record<string, string>> = { 'semaphore@1.1.0': 'MIT' }
const onePlatform = /(linux|darwin|win32)-(x64|arm64)/

/** All locked packages, by name. @param licenceOf of an installed package; null where it is not installed */
export function dependenciesOf(lock: Lock, licenceOf: (name: string, version: string) => string | null): Dependency[] {
  const shipped = shippedKeys(lock)
  return Object.entries(lock.packages)
    .map(([key, { os, cpu, libc }]) => {
      const [name, version] = split(key)
      return {
        name,
        version,
        licence: licenceOf(name, version),
        shipped: shipped.has(key),
        platform: Boolean(os ?? cpu ?? libc) || onePlatform.test(name),
      }
    })
    .sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1))
}

/** What may not be so, a line each. */
export function complaints(dependencies: readonly Dependency[]): string[] {
  return dependencies.flatMap(({ name, version, licence, shipped }) => {
    if (licence === null) return []
    if (!Object.hasOwn(known, licence)) return [`${name} ${version} is under “${licence}”, which nobody has looked at`]
    return shipped && toolsOnly.has(licence) && !neverRun.test(name)
      ? [`${name} ${version} is shipped, and ${licence} is for tools alone`]
      : []
  })
}

/** The reference page: the same on every platform. */
export function licencesPage(dependencies: readonly Dependency[]): string {
  const everywhere = dependencies.filter(({ licence, platform }) => licence !== null && !platform)
  const others = dependencies.filter(({ platform }) => platform)
  const rows = Object.entries(known).flatMap(([licence, asks]) => {
    const under = everywhere.filter((one) => one.licence === licence)
    return under.length === 0 ? [] : [`| ${licence} | ${under.length} | ${under.filter(({ shipped }) => shipped).length} | ${asks} |`]
  })
  return [
    '# What the project depends on',
    '',
    'Made by `npx pnpm@12 report:licences`; do not edit. “Shipped” is what a part that runs imports, itself or through another; the rest builds and tests.',
    'A licence that is not in this table fails the command, as does one for tools alone on a package that is shipped.',
    '',
    '| licence | packages | shipped | asks |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Shipped',
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...everywhere.filter(({ shipped }) => shipped).map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
    '',
    '## For building and testing',
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...everywhere.filter(({ shipped }) => !shipped).map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
    '',
    '## Built for one platform',
    '',
    'Of each of these only what fits the machine is installed; the licence of what is installed is checked, too.',
    '',
    ...others.map(({ name, version }) => `- ${name} ${version}`),
    '',
  ].join('\n')
}

function shippedKeys({ importers, snapshots }: Lock): ReadonlySet<string> {
  const found = new Set<string>()
  const walk = (name: string, version: string): void => {
    const snapshot = `${name}@${version}`
    if (version.startsWith('link:') || found.has(snapshot)) return
    found.add(snapshot)
    const { dependencies = {}, optionalDependencies = {} } = snapshots[snapshot] ?? {}
    for (const [next, of] of Object.entries({ ...dependencies, ...optionalDependencies })) walk(next, of)
  }
  for (const [folder, { dependencies = {} }] of Object.entries(importers))
    if (folder !== '.' && folder !== 'packages/testkit') for (const [name, { version }] of Object.entries(dependencies)) walk(name, version)
  return new Set([...found].map((key) => key.replace(/\(.*$/, '')))
}

function split(key: string): readonly [name: string, version: string] {
  const at = key.lastIndexOf('@')
  return [key.slice(0, at), key.slice(at + 1)]
}

/** Looks into the installed packages of a checkout. */
function installedLicences(root: string): (name: string, version: string) => string | null {
  const store = join(root, 'node_modules/.pnpm')
  const folders = readdirSync(store)
  return (name, version) => {
    const start = `${name.replace('/', '+')}@${version}`
    const folder = folders.find((one) => one === start || one.startsWith(`${start}_`))
    const file = join(store, folder ?? '', 'node_modules', name, 'package.json')
    if (folder === undefined || !existsSync(file)) return null
    const { license, licenses } = JSON.parse(readFileSync(file, 'utf8')) as { license?: unknown; licenses?: unknown }
    if (typeof license === 'string') return license
    return (license ?? licenses) ? JSON.stringify(license ?? licenses) : (readElsewhere[`${name}@${version}`] ?? 'no licence')
  }
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const dependencies = dependenciesOf(parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')) as Lock, installedLicences(root))
  const wrong = complaints(dependencies)
  if (!process.argv.includes('--check')) writeFileSync(join(root, 'docs/reference/licences.md'), licencesPage(dependencies))
  for (const line of wrong) console.log(line)
  console.log(
    `${dependencies.length} packages locked, ${dependencies.filter(({ licence }) => licence !== null).length} installed, ${wrong.length} complaints`,
  )
  process.exit(wrong.length > 0 || dependencies.length === 0 ? 1 : 0)
}
