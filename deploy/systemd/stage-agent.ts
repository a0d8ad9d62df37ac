/**
 * Lays out host-agent as it is installed: `stage-agent.ts SOURCE TARGET`. Copies its sources, those of the workspace packages that it
 * depends on, and the scripts below `vm`, and makes the links by which it finds them. Node runs no TypeScript below `node_modules`, so the packages lie beside the
 * app, as they do in the workspace. Prints the SHA-256 of all that was copied.
 */
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

type Part = { readonly name: string; readonly folder: string; readonly needs: readonly string[] }

const app = 'apps/host-agent'
const notShipped = /\.(test|fake|conformance)\.ts$/
const script = /\.sh$/

const [source = '', target = ''] = process.argv.slice(2)
try {
  if (source === '' || target === '') throw new Error('usage: stage-agent.ts SOURCE TARGET')
  process.stdout.write(`${stage(source, target)}\n`)
} catch (error) {
  process.stderr.write(`stage-agent: ${(error as Error).message}\n`)
  process.exit(1)
}

function stage(from: string, to: string): string {
  const parts = partsOf(from)
  const paths = parts.flatMap(({ folder }) => [`${folder}/package.json`, ...below(from, `${folder}/src`)])
  if (existsSync(join(from, 'vm'))) paths.push(...below(from, 'vm').filter((path) => script.test(path)))
  const hash = createHash('sha256')
  for (const path of paths.sort()) {
    const bytes = readFileSync(join(from, path))
    hash.update(`${path} ${bytes.length}\n`).update(bytes)
    makeFolder(to, dirname(path))
    write(join(to, path), bytes, script.test(path) ? 0o755 : 0o644)
  }
  for (const { folder, needs } of parts)
    for (const need of needs) {
      const link = join(folder, 'node_modules', need)
      makeFolder(to, dirname(link))
      symlinkSync(relative(dirname(link), folderOf(parts, need)), join(to, link))
    }
  return hash.digest('hex')
}

/** The app and all that it imports, in the order in which they are found. @throws Error for a dependency from outside the workspace */
function partsOf(from: string): readonly Part[] {
  const found: Part[] = [partAt(from, app)]
  for (const part of found)
    for (const need of part.needs) if (!found.some(({ name }) => name === need)) found.push(partAt(from, `packages/${need.split('/')[1]}`))
  return found
}

function partAt(from: string, folder: string): Part {
  const read = JSON.parse(readFileSync(join(from, folder, 'package.json'), 'utf8')) as {
    name: string
    dependencies?: Record<string, string>
  }
  const entries = Object.entries(read.dependencies ?? {})
  const strange = entries.filter(([, version]) => !version.startsWith('workspace:')).map(([name]) => name)
  if (strange.length > 0) throw new Error(`${folder} depends on ${strange.join(', ')}, which is no part of the workspace.`)
  return { name: read.name, folder, needs: entries.map(([name]) => name) }
}

function folderOf(parts: readonly Part[], name: string): string {
  const part = parts.find((one) => one.name === name)
  if (!part) throw new Error(`No package of the workspace is named ${name}.`)
  return part.folder
}

/** Plain files alone: a link in the sources could bring in anything. */
function below(from: string, folder: string): string[] {
  return readdirSync(join(from, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : below(from, path)
    if (!entry.isFile()) throw new Error(`${path} is no plain file.`)
    return notShipped.test(path) ? [] : [path]
  })
}

function makeFolder(to: string, folder: string): void {
  mkdirSync(join(to, folder), { recursive: true, mode: 0o755 })
}

function write(path: string, bytes: Buffer, mode: number): void {
  writeFileSync(path, bytes, { flag: 'wx', mode })
  chmodSync(path, mode)
}
