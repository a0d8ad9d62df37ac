/**
 * What the images bring along from outside, as a CycloneDX bill of materials: `node scripts/sbom.ts [PART]...`, all parts where none is named. It is
 * made from pnpm-lock.yaml alone, so that the same lock gives the same bytes; what only tests and builds use is not in it.
 */
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'

type Needs = Readonly<Record<string, string>>
export type Lock = {
  readonly importers: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, { readonly version: string }>> }>>
  readonly packages: Readonly<Record<string, { readonly resolution: { readonly integrity?: string; readonly tarball?: string } }>>
  readonly snapshots: Readonly<Record<string, { readonly dependencies?: Needs; readonly optionalDependencies?: Needs }>>
}

/** The folder of each part that is shipped. */
const folders: Readonly<Record<string, string>> = {
  'platform-service': 'apps/platform-service',
  'devops-backend': 'apps/devops-backend',
  'docker-proxy': 'apps/docker-proxy',
  'host-agent': 'apps/host-agent',
  'devops-web': 'apps/devops-web',
  'admin-web': 'apps/admin-web',
  'web-host': 'packages/web-host',
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const wanted = process.argv.slice(2)
  const unknown = wanted.filter((name) => !Object.hasOwn(folders, name))
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(', ')}; parts are ${Object.keys(folders).join(', ')}`)
    process.exit(2)
  }
  const lock = parse(readFileSync(join(import.meta.dirname, '../pnpm-lock.yaml'), 'utf8')) as Lock
  const roots = Object.entries(folders).flatMap(([name, folder]) => (wanted.length === 0 || wanted.includes(name) ? [folder] : []))
  console.log(JSON.stringify(billOf(lock, roots), null, 2))
}

/** CycloneDX 1.6 (ECMA-424). @param roots folders of the workspace whose production dependencies count @throws Error for a package that came from elsewhere than a registry */
export function billOf(lock: Lock, roots: readonly string[]): object {
  const components = [...reached(lock, roots)].sort().map((key) => {
    const [name, version] = nameAndVersion(key)
    const { resolution } = lock.packages[`${name}@${version}`] ?? {}
    const digest = /^sha512-([A-Za-z0-9+/=]+)$/.exec(resolution?.integrity ?? '')?.[1]
    if (digest === undefined || resolution?.tarball !== undefined) throw new Error(`${key} has no digest of a registry in the lock.`)
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    }
  })
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'operations-console' } },
    components,
  }
}

/** `name@version` of everything that the roots use when they run, each once. */
function reached({ importers, snapshots }: Lock, roots: readonly string[]): Set<string> {
  const found = new Set<string>()
  const seen = new Set<string>()
  const visitPackage = (name: string, version: string): void => {
    // A name that stands for another package has that one's name in its version.
    const key = Object.hasOwn(snapshots, `${name}@${version}`) ? `${name}@${version}` : version
    if (seen.has(key)) return
    seen.add(key)
    found.add(nameAndVersion(key).join('@'))
    const snapshot = snapshots[key]
    if (!snapshot) throw new Error(`${key} is not in the lock.`)
    for (const [other, at] of Object.entries({ ...snapshot.dependencies, ...snapshot.optionalDependencies })) visitPackage(other, at)
  }
  const visitFolder = (folder: string): void => {
    if (seen.has(folder)) return
    seen.add(folder)
    const importer = importers[folder]
    if (!importer) throw new Error(`${folder} is not in the lock.`)
    for (const [name, { version }] of Object.entries(importer.dependencies ?? {}))
      if (version.startsWith('link:')) visitFolder(posix.join(folder, version.slice('link:'.length)))
      else visitPackage(name, version)
  }
  for (const root of roots) visitFolder(root)
  return found
}

/** What is in brackets tells which peers it was put together with, and is no part of the version. */
function nameAndVersion(key: string): [string, string] {
  const plain = key.replace(/\(.*$/, '')
  const at = plain.lastIndexOf('@')
  return [plain.slice(0, at), plain.slice(at + 1)]
}
