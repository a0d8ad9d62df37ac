import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const notOurs = new Set(['node_modules', '.git', '.next', '.pictures', 'out', 'next-env.d.ts'])
export const root = join(import.meta.dirname, '..')

/** Every file of the project by its path from the root: what is made (builds, data, dependencies) left out. */
export const files: readonly string[] = readdirSync(root, { withFileTypes: true })
  .filter(({ name }) => !notOurs.has(name) && name !== 'data' && name !== 'coverage')
  .flatMap((entry) => (entry.isDirectory() ? below(join(root, entry.name)) : [entry.name]))
  .sort()

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

function below(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !notOurs.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? below(path) : [relative(root, path)]
    })
}
