import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(import.meta.dirname, 'attack-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a case that leaves out its attack, its control or its row fails, and only a whole one is recorded', () => {
  const all = ['attack', 'control', 'row']
  const bodies = [all, ...all.map((without) => all.filter((step) => step !== without))]
  const cases = [...bodies, all].map((steps, index) => {
    const body = `async (it) => {${steps.map((step) => `await it.${step}('x', () => undefined)`).join('\n')}}`
    return `attackCase('T${index}', 'with ${steps.join(', ')}', ${body}${index === bodies.length ? ", 60_000, () => '1.41'" : ''})`
  })
  writeFileSync(join(folder, 'cases.spec.ts'), `import { attackCase } from '@console/testkit/attack'\n${cases.join('\n')}`)
  spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--root',
      folder,
      '--reporter=json',
      `--outputFile=${join(folder, 'report.json')}`,
    ],
    { stdio: 'ignore', env: { PATH: process.env.PATH, CONSOLE_ATTACK_RECORDS: folder } },
  )
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as { numPassedTests: number; numFailedTests: number }
  expect(report).toMatchObject({ numPassedTests: 2, numFailedTests: 3 })
  const recorded = readdirSync(folder).filter((file) => file.endsWith('.ndjson'))
  const lines = recorded.flatMap((file) => readFileSync(join(folder, file), 'utf8').trim().split('\n'))
  const one = { title: 'with attack, control, row', whole: true }
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { ...one, id: 'T0' },
    { ...one, id: 'T4', engine: '1.41' },
  ])
})
