import { basename } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { beforeAll, describe, expect, it } from 'vitest'
import { longest } from '../scripts/longest-tests.ts'
import { bans, importsAnApp, mayImport, readsEnvironment, testsMayImport } from './house-rules.ts'
import { files, root, textOf } from './source-files.ts'

/** One import: `to` is a path of ours, `node:` or the name of a package. */
type Edge = { readonly from: string; readonly to: string }

const sources = files.filter((path) => /^(apps|packages)\/[^/]+\/src\/.*\.tsx?$/.test(path))
const isTest = (path: string): boolean => /\.(test|fake|conformance)\.tsx?$/.test(path)
const shipped = sources.filter((path) => !isTest(path))

describe('the house', () => {
  let edges: readonly Edge[] = []
  let cycles: readonly string[] = []
  let examined: readonly string[] = []

  beforeAll(async () => {
    const { modules } = await cruised()
    const ours = modules.filter(({ source }) => /^(apps|packages|scripts|tests|bench)\//.test(source) && !source.includes('node_modules'))
    examined = ours.map(({ source }) => source)
    edges = ours.flatMap(({ source, dependencies }) => dependencies.map((found) => ({ from: source, to: nameOf(found) })))
    cycles = inCycles(new Map(ours.map(({ source, dependencies }) => [source, dependencies.map(({ resolved }) => resolved)])))
  }, 600_000)

  it('has been looked at whole', () => {
    expect(sources.filter((path) => !examined.includes(path))).toEqual([])
    expect(examined.length).toBeGreaterThan(400)
    expect(edges.length).toBeGreaterThan(1_500)
    expect(edges.filter(({ to }) => to === '').map(({ from }) => `${from} imports something that is not there`)).toEqual([])
  })

  it('has a list for each room', () => {
    expect([...new Set(sources.map(roomOf))].sort()).toEqual(Object.keys(mayImport).sort())
  })

  it('lets each room import only what is on its list', () => {
    expect(edges.filter((edge) => edge.from.includes('/src/') && isStrange(edge)).map(told)).toEqual([])
  })

  it('would see a room reach too far', () => {
    for (const [from, to] of [
      ['packages/verbs/src/verb.ts', 'node:'],
      ['packages/contracts/src/args.ts', 'packages/http-kit/src/mount.ts'],
      ['packages/ui/src/button.tsx', 'packages/contracts/src/action.ts'],
      ['packages/ui/src/button.tsx', 'next'],
      ['apps/docker-proxy/src/main.ts', 'zod'],
      ['apps/host-agent/src/main.ts', 'undici'],
      ['packages/tokens/src/jwt.ts', 'jose'],
      ['apps/devops-backend/src/app.ts', 'apps/platform-service/src/app.ts'],
      ['packages/testkit/src/program.ts', 'apps/launcher/src/parts.ts'],
    ] as const)
      expect([from, to, isStrange({ from, to })]).toEqual([from, to, true])
    for (const [from, to] of [
      ['packages/tokens/src/tokens.test.ts', 'jose'],
      ['packages/contracts/src/args.ts', 'packages/verbs/src/verb.ts'],
    ] as const)
      expect([from, to, isStrange({ from, to })]).toEqual([from, to, false])
  })

  it('keeps apps out of everybody’s imports', () => {
    // Tests and benches of the whole use the harness of an app, which is made for them.
    const isHarness = ({ from, to }: Edge): boolean => /^(tests|bench)\//.test(from) && /\.(fake|conformance)\.tsx?$/.test(to)
    const reaching = edges
      .filter((edge) => edge.to.startsWith('apps/') && roomOf(edge.from) !== roomOf(edge.to) && !isHarness(edge))
      .map(({ from }) => from)
    expect([...new Set(reaching)].sort()).toEqual(Object.keys(importsAnApp).sort())
  })

  it('has no module of a service that knows another', () => {
    const moduleOf = (path: string): string | undefined => /^(apps\/[a-z-]+\/src\/modules\/[^/]+)\//.exec(path)?.[1]
    const known = edges.flatMap(({ from, to }) => {
      if (isTest(from)) return []
      const [a, b] = [moduleOf(from), moduleOf(to)]
      return a && b && a !== b ? [`${a} → ${b}`] : []
    })
    expect([...new Set(known)]).toEqual([])
    const inModules = edges.filter(({ from }) => /^apps\/[a-z-]+\/src\/modules\//.test(from) && !isTest(from))
    expect(inModules.filter(({ to }) => to === 'fastify' || to === 'packages/store/src/sqlite.ts').map(told)).toEqual([])
  })

  it('has no feature of a dashboard that knows another or a route, and no route that does a feature’s work', () => {
    const featureOf = (path: string): string | undefined => /^(apps\/[a-z]+-web\/src\/features\/[^/]+)\//.exec(path)?.[1]
    const isRoute = (path: string): boolean => /^apps\/[a-z]+-web\/src\/app\//.test(path)
    const strange = edges.filter(
      ({ from, to }) =>
        (featureOf(from) !== undefined && (isRoute(to) || (featureOf(to) !== undefined && featureOf(to) !== featureOf(from)))) ||
        (isRoute(from) && /^packages\/(ui|api-client|contracts)\/.*\.tsx?$/.test(to)),
    )
    expect(strange.map(told)).toEqual([])
  })

  it('has no cycle, of types neither', () => {
    expect(cycles).toEqual([])
  })

  it('would see a cycle, however long', () => {
    const graph = new Map([
      ['first', ['a']],
      ['a', ['b', 'last']],
      ['b', ['c']],
      ['c', ['a', 'last']],
      ['itself', ['itself']],
      ['last', []],
    ])
    expect(inCycles(graph)).toEqual(['a', 'b', 'c', 'itself'])
  })

  it('reads the environment in one file a program', () => {
    const readers = shipped.filter(
      (path) =>
        !/^packages\/testkit\//.test(path) &&
        basename(path) !== 'config.ts' &&
        /\bprocess\.env\b|\}\s*=\s*process\b|import\s*\{[^}]*\benv\b[^}]*\}\s*from 'node:process'/.test(textOf(path)),
    )
    expect(readers).toEqual(Object.keys(readsEnvironment).sort())
    for (const path of readers.filter((one) => basename(one) === 'main.ts'))
      expect([path, textOf(path).replaceAll('readConfig(process.env', '').includes('process.env')]).toEqual([path, false])
  })

  it.each(bans)('holds nowhere: $what', ({ pattern, where, except }) => {
    const looked = shipped.filter((path) => where.test(path) && !except?.test(path))
    expect(looked.length).toBeGreaterThan(20)
    expect(looked.filter((path) => pattern.test(textOf(path)))).toEqual([])
  })

  it('keeps docker-proxy small enough to read in two sittings and a short one: what looks and restarts, what removes, what a gateway reads', () => {
    const own = shipped.filter((path) => path.startsWith('apps/docker-proxy/'))
    const removes = own.filter((path) => path.includes('/cleanup/'))
    const gateway = own.filter((path) => path.includes('/gateway/'))
    const looks = own.filter((path) => !removes.includes(path) && !gateway.includes(path))
    for (const [sitting, files, lines] of [
      [looks, 5, 1_500],
      [removes, 5, 1_500],
      [gateway, 3, 300],
    ] as const) {
      expect(sitting.length).toBeGreaterThanOrEqual(files)
      expect(sitting.reduce((sum, path) => sum + textOf(path).split('\n').length, 0)).toBeLessThanOrEqual(lines)
    }
  })

  it('names files for what is in them', () => {
    expect(sources.filter((path) => /^(utils?|helpers?|common|types|index)\./.test(basename(path)))).toEqual([])
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(module|fake|test|conformance|e2e))?\.tsx?$/
    expect(sources.filter((path) => !kebab.test(basename(path)))).toEqual([])
  })

  it('begins with tests that are there', () => {
    expect(longest.filter((path) => !files.includes(path))).toEqual([])
    expect(new Set(longest).size).toBe(longest.length)
  })

  it('looks for packages that fit the Node which it brings, not the one that fetched pnpm', () => {
    const { optionalDependencies } = JSON.parse(textOf('package.json')) as { optionalDependencies: Record<string, string> }
    const wanted = /^nodeVersion: (\S+)$/m.exec(textOf('pnpm-workspace.yaml'))?.[1]
    expect(Object.entries(optionalDependencies)).toEqual(['arm64', 'x64'].map((arch) => [`node-linux-${arch}`, wanted]))
  })

  it('exports nothing by default but the pages', () => {
    const byDefault = sources.filter((path) => /^export default\b|\bas default\b/m.test(textOf(path)))
    expect(byDefault.filter((path) => !/^apps\/[a-z]+-web\/src\/app\//.test(path))).toEqual([])
  })

  it('holds no path of one machine, and no host of a registry', () => {
    // Written in two pieces, so that this file does not hold them either.
    const machine = new RegExp(`(?<![\\w.])/(${['wo', 'rk'].join('')}|${['ro', 'ot'].join('')})/`)
    const texts = files.filter((path) => /\.(ts|tsx|js|mjs|json|md|sh|ya?ml|css|svg|html)$/.test(path) || /^\.ci\//.test(path))
    expect(texts.length).toBeGreaterThan(400)
    expect(texts.filter((path) => machine.test(textOf(path)))).toEqual([])
    expect(textOf('pnpm-lock.yaml')).not.toMatch(/https?:\/\//)
  })
})

/** Dependency-cruiser examines nothing, and says so to nobody, when it cannot work with the TypeScript that is installed: hence the counts above. */
async function cruised(): Promise<ICruiseResult> {
  const { output } = await cruise(
    ['apps', 'packages', 'scripts', 'tests', 'bench'],
    {
      baseDir: root,
      exclude: { path: '\\.next/|/out/|\\.css$' },
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: true,
    },
    {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      conditionNames: ['import', 'node', 'types'],
      exportsFields: ['exports'],
    },
  )
  if (typeof output === 'string') throw new Error('dependency-cruiser answered a text')
  return output
}

/** The modules that reach themselves. */
function inCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  return [...graph.keys()].filter((start) => {
    const seen = new Set<string>()
    const next = [...(graph.get(start) ?? [])]
    for (let one = next.pop(); one !== undefined; one = next.pop()) {
      if (one === start) return true
      if (seen.has(one)) continue
      seen.add(one)
      next.push(...(graph.get(one) ?? []))
    }
    return false
  })
}

function nameOf({ module, resolved, coreModule, couldNotResolve }: ICruiseResult['modules'][number]['dependencies'][number]): string {
  if (couldNotResolve) return ''
  if (coreModule) return 'node:'
  if (/^(apps|packages|scripts|tests|bench)\//.test(resolved) && !resolved.includes('node_modules')) return resolved
  return module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/')
}

function roomOf(path: string): string {
  return path.split('/').slice(0, 2).join('/')
}

function isStrange({ from, to }: Edge): boolean {
  const room = roomOf(from)
  const allowed = mayImport[room]
  if (!allowed || roomOf(to) === room) return false
  const name = to.startsWith('packages/') ? roomOf(to).replace('packages', '@console') : to
  return !allowed.includes(name) && !(isTest(from) && testsMayImport.includes(name))
}

function told({ from, to }: Edge): string {
  return `${from} imports ${to}`
}
