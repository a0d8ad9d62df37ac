/**
 * Everything that can be said of the sources without running the product: format, lint, types, who imports whom, dead code,
 * fresh reference pages. Steps run side by side; each prints only what is wrong. `--only NAME` runs one.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

type Step = { name: string; program: string; args: string[] }

const root = join(import.meta.dirname, '..')
const bin = (name: string) => join(root, 'node_modules/.bin', name)
const steps: Step[] = [
  { name: 'format and lint', program: bin('biome'), args: ['check', '--error-on-warnings', '.'] },
  { name: 'types', program: bin('tsc'), args: ['-p', 'tsconfig.json'] },
  { name: 'types of the dashboards', program: bin('tsc'), args: ['-p', 'tsconfig.web.json'] },
  { name: 'dead code', program: bin('knip'), args: ['--no-progress'] },
  { name: 'reference pages', program: process.execPath, args: ['scripts/generate.ts', '--check'] },
  {
    name: 'imports and documents',
    program: bin('vitest'),
    args: ['run', '--reporter=dot', 'tests/architecture.test.ts', 'tests/docs-fresh.test.ts'],
  },
]

const only = process.argv.indexOf('--only') > 0 ? process.argv[process.argv.indexOf('--only') + 1] : undefined
const started = performance.now()
const queue = steps.filter((step) => only === undefined || step.name === only)
const failed: string[] = []
await Promise.all([lane(), lane()])
console.log(failed.length === 0 ? `verify: all well in ${seconds()} s` : `verify: ${failed.join(', ')} (${seconds()} s)`)
process.exit(failed.length === 0 ? 0 : 1)

async function lane(): Promise<void> {
  for (let step = queue.shift(); step; step = queue.shift()) {
    const { code, output } = await run(step)
    if (code === 0) continue
    failed.push(step.name)
    console.log(`--- ${step.name}\n${output}`)
  }
}

function run({ program, args }: Step): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', (error) => resolve({ code: 1, output: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }))
  })
}

function seconds(): string {
  return ((performance.now() - started) / 1_000).toFixed(1)
}
