import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { textOf } from './source-files.ts'

type Step = { readonly name?: string; readonly uses?: string; readonly if?: string; readonly run?: string }
type Workflow = {
  readonly on: object
  readonly jobs: Readonly<Record<string, { readonly env?: Record<string, string>; readonly steps: readonly Step[] }>>
}

const commandsIn = (text: string): string[] => text.split('\n').flatMap((line) => /^npx -y pnpm@12 .*/.exec(line.trim()) ?? [])
const workflow = parse(textOf('.gitea/workflows/ci.yml')) as Workflow
const { check, measure } = workflow.jobs

it('runs in the workflow what the script of the gate runs, in its order', () => {
  const commands = commandsIn(textOf('.ci/run'))
  expect(commands.length).toBe(3)
  expect(check?.steps.flatMap(({ run = '' }) => commandsIn(run))).toEqual(commands)
  expect(Object.keys(workflow.on).sort()).toEqual(['pull_request', 'push'])
})

it('measures beside it, and takes no action from elsewhere but the one that checks the sources out', () => {
  expect(measure?.steps.flatMap(({ run = '' }) => commandsIn(run)).slice(1)).toEqual([
    'npx -y pnpm@12 coverage',
    'npx -y pnpm@12 report:licences',
  ])
  const used = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []))
  expect(used).toEqual(['actions/checkout@v4', 'actions/checkout@v4'])
})

it('brings a browser, and demands it, only where E2E is 1', () => {
  expect(check?.env?.E2E).toMatch(/^\$\{\{ vars\.E2E \|\| '0' \}\}$/)
  const browsers = check?.steps.filter(({ run = '' }) => /browser|chromium/i.test(run)) ?? []
  expect(browsers.map((step) => step.if)).toEqual(["env.E2E == '1'"])
  expect(browsers[0]?.run).toContain('REQUIRE_CHROMIUM=1')
})
