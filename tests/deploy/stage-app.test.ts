import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from '../source-files.ts'

// Beside the checkout: what an app imports from outside must be found by the same links, wherever it lies.
let staged = ''
beforeAll(() => {
  staged = mkdtempSync('/var/tmp/staged-app-')
  expect(node(['deploy/image/stage-app.ts', 'apps/docker-proxy', staged, 'deploy/image/healthy.ts'], root)).toMatchObject({ status: 0 })
})
afterAll(() => rmSync(staged, { recursive: true }))

const stripped = ['--import', join(root, 'deploy/image/stripped.mjs')]

function node(args: readonly string[], cwd: string): { status: number | null; stdout: string; stderr: string } {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { cwd, env, encoding: 'utf8' })
}

it('keeps each source letter by letter, but for the types, which are blank', () => {
  const files = globSync('{apps,packages,deploy}/**/*.ts', { cwd: staged, exclude: ['**/node_modules/**'] })
  expect(files.length).toBeGreaterThan(50)
  expect(files).toContain('deploy/image/healthy.ts')
  const differing = files.filter((path) => {
    const [from, to] = [root, staged].map((folder) => readFileSync(join(folder, path), 'utf8').split('\n'))
    return from?.length !== to?.length || to?.some((line, at) => !isBlanked(from?.[at] ?? '', line))
  })
  expect(differing).toEqual([])
})

/** A line of which only spaces took the place of something. A semicolon stands where a line without one would run on into the next. */
function isBlanked(from: string, to: string): boolean {
  return from.length === to.length && [...to].every((letter, at) => letter === from[at] || letter === ' ' || letter === ';')
}

it('runs without the part of Node that takes types away', () => {
  const main = (folder: string) => `
    await import(${JSON.stringify(join(folder, 'apps/docker-proxy/src/model.ts'))})
    console.log(process.moduleLoadList.filter((name) => name.includes('amaro')).join())`
  expect(node([...stripped, '--input-type=module', '--eval', main(staged)], staged)).toMatchObject({ status: 0, stdout: '\n', stderr: '' })
  // As it is without: so the words above do name that part of Node.
  expect(node(['--input-type=module', '--eval', main(root)], root).stdout).toContain('amaro')
})
