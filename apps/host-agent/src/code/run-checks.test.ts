import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openRunFolder } from '../runs/run-record.ts'
import type { CheckWork } from './check-desk.ts'
import { type End, runChecks } from './run-checks.ts'

let base: string
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'run-checks-')))
  mkdirSync(join(base, 'allowed/project'), { recursive: true })
  writeFileSync(join(base, 'allowed/project/package.json'), '{}')
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

/** The processes are the test's: it says how each check ended, and how many the kernel has ended for their memory by then. */
const run = async (ends: readonly { readonly code: number; readonly kills: number }[]) => {
  const files = openRunFolder(base)
  files.make('r1')
  const said: string[] = []
  let kills = 3
  let at = 0
  const end = await runChecks({
    work: {
      projectPath: join(base, 'allowed/project'),
      roots: [join(base, 'allowed')],
      names: ['typecheck', 'lint', 'build'],
      node: process.execPath,
      npm: '/nowhere',
      account: null,
      memoryMb: 512,
    } satisfies CheckWork,
    runId: 'r1',
    folder: files.folderOf('r1'),
    writer: { push: () => undefined, say: (text) => said.push(text), mark: () => 0, close: () => undefined },
    runOne: async (): Promise<End> => {
      const { code = null, kills: so = kills } = ends[at] ?? {}
      at += 1
      kills = so
      return { code, signal: null }
    },
    isOver: () => false,
    memoryKills: () => kills,
    endAll: () => undefined,
  })
  return { end, said, checks: files.checks('r1')?.map(({ name, state, bound }) => [name, state, bound]) }
}

it('says of a check that it was over its memory when the kernel ended processes of it, and of no other one', async () => {
  const { end, said, checks } = await run([
    { code: 2, kills: 3 },
    { code: 137, kills: 5 },
    { code: 0, kills: 5 },
  ])
  expect(checks).toEqual([
    ['typecheck', 'failed', null],
    ['lint', 'failed', 'memory'],
    ['build', 'passed', null],
  ])
  expect(said.filter((text) => text.includes('memory'))).toEqual([
    'lint reached the 512 MiB of memory that checks may take: what was over it was ended.',
  ])
  expect(end).toEqual({ code: 2, signal: null })
})

it('says it also of one that went on without the process that was ended', async () => {
  const { end, checks } = await run([
    { code: 0, kills: 4 },
    { code: 0, kills: 4 },
    { code: 0, kills: 4 },
  ])
  expect([end.code, checks]).toEqual([
    0,
    [
      ['typecheck', 'passed', 'memory'],
      ['lint', 'passed', null],
      ['build', 'passed', null],
    ],
  ])
})

it('leaves no check open, and no copy', async () => {
  rmSync(join(base, 'allowed/project'), { recursive: true })
  const { end, checks } = await run([])
  expect([end.code, checks?.map(([, state]) => state)]).toEqual([null, ['not-run', 'not-run', 'not-run']])
  expect(existsSync(join(base, 'runs/r1/copy'))).toBe(false)
})
