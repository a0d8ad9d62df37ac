/**
 * Lays one app out as its image holds it: `stage-app.ts APP TARGET [BESIDE...]`, in a checkout whose dependencies are installed: its sources, those of the packages that it imports, and what these import from outside. Node runs no
 * TypeScript below `node_modules`, so the packages lie beside the app and are found by the same links as in the workspace. What is named beside it is a package or a single source. Types are blanked out, so that every line and column
 * stays where it is; `stripped.mjs` says why.
 */
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative } from 'node:path'

const [app = '', target = '', ...beside] = process.argv.slice(2)
const root = join(import.meta.dirname, '../..')
const pnpm = 'node_modules/.pnpm'
const notShipped = /\.(test|fake|conformance)\.tsx?$/
/** What programs from outside bring along and nothing reads at run time. */
const deadWeight = /(\.d\.[cm]?ts|\.map|\.md|\.markdown|\.tsbuildinfo)$/i

const folders = [app, ...beside.filter((path) => !path.endsWith('.ts'))]
/** Folders of `node_modules/.pnpm`: there each package lies beside links to what it imports. */
const outside = new Set<string>()

for (const folder of folders) {
  copy(join(folder, 'package.json'))
  copy(join(folder, 'src'), notShipped)
  for (const name of dependenciesOf(folder)) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(join(target, link)), { recursive: true })
    symlinkSync(readlinkSync(join(root, link)), join(target, link))
    const found = relative(root, realpathSync(join(root, link)))
    if (!found.startsWith(pnpm)) folders.includes(found) || folders.push(found)
    else outside.add(entryOf(found))
  }
}
for (const entry of outside) {
  copy(join(pnpm, entry), deadWeight)
  for (const found of linksIn(join(pnpm, entry, 'node_modules'))) outside.add(entryOf(found))
}
for (const path of beside.filter((path) => path.endsWith('.ts'))) copy(path)
for (const path of globSync(['apps/*/src/**/*.ts', 'packages/*/src/**/*.ts', 'deploy/image/*.ts'], { cwd: target })) {
  const file = join(target, path)
  writeFileSync(file, stripTypeScriptTypes(readFileSync(file, 'utf8')))
}
process.stdout.write(`${app}: ${folders.length} rooms, ${outside.size} packages from outside\n`)

function dependenciesOf(folder: string): string[] {
  const read = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> }
  return Object.keys(read.dependencies ?? {})
}

function entryOf(path: string): string {
  return path.slice(pnpm.length + 1).split('/')[0] ?? ''
}

function linksIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink()) return [relative(root, realpathSync(join(root, path)))]
    return entry.isDirectory() && entry.name.startsWith('@') ? linksIn(path) : []
  })
}

function copy(path: string, unwanted?: RegExp): void {
  cpSync(join(root, path), join(target, path), { recursive: true, verbatimSymlinks: true, filter: (from) => !unwanted?.test(from) })
}
