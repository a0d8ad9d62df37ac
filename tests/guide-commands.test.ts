import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bookNames } from './guide/books.ts'
import { commandsOf } from './guide/commands.ts'
import { files, root, textOf } from './source-files.ts'

const guide = 'docs/DEPLOYMENT.md'
const runbooks = files.filter((path) => /^docs\/runbooks\/.*\.md$/.test(path))
/** Those whose every command is run on a machine, in the order in which it stands there: `follow` fails where a step is left over. */
const followed = [guide, ...bookNames.map((name) => `docs/runbooks/${name}.md`)]

it.each([guide, ...runbooks])('%s shows commands that are run on a machine, or that say why not and what tries them', (document) => {
  const shown = commandsOf(textOf(document))
  const notRun = shown.filter((one) => one.notRun !== undefined)
  if (followed.includes(document)) expect(shown.length - notRun.length).toBeGreaterThan(0)
  else expect(shown.filter((one) => one.notRun === undefined)).toEqual([])
  expect(notRun.filter(({ notRun: why = '' }) => why.split(' ').length < 3)).toEqual([])
  const named = notRun.flatMap(({ notRun: why = '' }) => why.match(/[\w./-]+\.test\.ts/g) ?? [])
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  for (const { line, notRun: why } of notRun) process.stdout.write(`${document}:${line} is not run: ${why}\n`)
})

it('follows a runbook for each of the ten incidents that an operator will meet', () => {
  const incidents =
    'audit-broken certificate-expired deploy-stuck disk-full engine-away locked-out restore rotate-secret store-away upgrade-wrong'
  expect(bookNames).toEqual(expect.arrayContaining(incidents.split(' ')))
  for (const document of followed) expect([guide, ...runbooks]).toContain(document)
})

it('takes a block whose kind it does not know for a mistake, and nothing that is marked for run', () => {
  const block = (info: string): string => `before\n\n\`\`\`${info}\ndocker ps\n\`\`\`\n`
  expect(() => commandsOf(block(''))).toThrow('line 3: a block of nothing')
  expect(() => commandsOf(block('bash'))).toThrow('line 3: a block of bash')
  expect(() => commandsOf(block('sh whatever'))).toThrow('line 3')
  expect(commandsOf(block('sh'))).toEqual([{ text: 'docker ps', line: 4, kind: 'block' }])
  expect(commandsOf(block('sh not-run for a reason'))).toEqual([{ text: 'docker ps', line: 4, kind: 'block', notRun: 'for a reason' }])
  expect(commandsOf('Try `docker ps` <!-- not run: for a reason -->, or `docker info now` of `docker`.')).toEqual([
    { text: 'docker ps', line: 1, kind: 'sentence', notRun: 'for a reason' },
    { text: 'docker info now', line: 1, kind: 'sentence' },
  ])
})
