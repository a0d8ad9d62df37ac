import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { allActions } from '@console/contracts/all-actions'
import { allVerbs } from '@console/verbs/all'
import { expect, it } from 'vitest'
import { isCommand, own, programsOfHost } from './guide/commands.ts'
import { files, root, textOf } from './source-files.ts'

const runbooks = files.filter((path) => /^docs\/runbooks\/.*\.md$/.test(path))
type Shown = { readonly book: string; readonly text: string }
/** Each command of a runbook, a line of a block or a piece of code in a sentence, by itself: behind `&&`, `|` and `;` begins another. */
const inBlocks = runbooks.flatMap((book) =>
  [...textOf(book).matchAll(/```sh[^\n]*\n([\s\S]*?)```/g)].flatMap(([, block = '']) => linesOf(book, block)),
)
const inSentences: Shown[] = runbooks.flatMap((book) =>
  [
    ...textOf(book)
      .replaceAll(/```[\s\S]*?```/g, '')
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, text = '']) => ({ book, text })),
)
const commands = [...inBlocks, ...inSentences.filter(({ text }) => isCommand(text))].flatMap(({ book, text }) =>
  text.split(/\s(?:&&|\|\||\||;)\s/).map((one) => ({ book, words: one.trim().split(/\s+/) })),
)

it('shows only commands of ours that exist, and of the host that every host has', () => {
  const unknown = commands.filter(({ words: [program = ''] }) => !own.test(program) && !programsOfHost.has(program))
  expect(unknown).toEqual([])
  expect(commands.length).toBeGreaterThan(40)
})

it.each([
  ['deploy/deploy.sh', 10],
  ['deploy/systemd/install.sh', 1],
])('shows %s with words and options that its help has', (script, least) => {
  const help = spawnSync('bash', [join(root, script), '--help'], { encoding: 'utf8' }).stdout
  const known = new Set(help.match(/(?<![\w-])(?:(--)?[a-z][a-z-]+|[A-Z]{3,})/g))
  const shown = commands.filter(({ words: [program] }) => program === script)
  const parts = new Set(['platform-service', 'devops-backend', 'docker-proxy', 'gateway', 'devops-web', 'admin-web'])
  const wrong = shown.flatMap(({ book, words: [, ...words] }) =>
    words.filter((word) => !known.has(word) && !parts.has(word)).map((word) => ({ book, word })),
  )
  expect(wrong).toEqual([])
  expect(shown.length).toBeGreaterThan(least)
})

it('shows commands of the command line of platform-service that it has', () => {
  const usage = textOf('apps/platform-service/src/platform-cli.ts')
  const shown = commands
    .filter(({ words }) => words.includes('platform-cli'))
    .flatMap(({ book, words }) => words.slice(words.indexOf('platform-cli') + 1).map((word) => ({ book, word })))
  expect(shown.filter(({ word }) => /^(admin:|--)/.test(word) && !usage.includes(word))).toEqual([])
  expect(shown.length).toBeGreaterThan(1)
})

it('names scripts, routes, verbs and actions that there are', () => {
  const paths = [...inBlocks, ...inSentences].flatMap(({ book, text }) =>
    [...text.matchAll(/(?<![\w/])(?:scripts|vm|deploy|apps|packages)\/[\w./-]*\.(?:ts|sh|yaml)/g)].map(([path]) => ({ book, path })),
  )
  expect(paths.filter(({ path }) => !existsSync(join(root, path)))).toEqual([])
  expect(paths.length).toBeGreaterThan(10)
  const routes = new Set(allActions.map(({ api, path }) => `${api === 'devops' ? '/api/devops' : '/platform/api'}${path}`))
  const ids = new Set<string>([...allActions.map(({ id }) => id), ...allVerbs.map(({ id }) => id)])
  const shown = inSentences.flatMap(({ book, text }) =>
    /^(\/api\/devops|\/platform\/api)\/|^[a-z]+[A-Za-z]*(\.[a-z][A-Za-z]*){1,2}$/.test(text) ? [{ book, text }] : [],
  )
  const isFile = (text: string): boolean => /\.(db|db-wal|db-shm|pem|md|json|yaml|checkpoint|domain|log|env|service)$/.test(text)
  expect(shown.filter(({ text }) => !routes.has(text) && !ids.has(text) && !isFile(text))).toEqual([])
})

it('names codes of errors and settings that there are', () => {
  const known = ['docs/reference/errors.md', 'docs/reference/environment.md', 'docs/DEPLOYMENT.md']
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n')
  const shown = inSentences.flatMap(({ book, text }) =>
    [...text.matchAll(/^([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=.*)?$/g)].map(([, word = '']) => ({ book, word })),
  )
  expect(shown.filter(({ word }) => !new RegExp(`\\b${word}\\b`).test(known) && !/^CAP_/.test(word))).toEqual([])
  expect(shown.length).toBeGreaterThan(15)
})

it('leads from the list to a runbook for each incident that an operator will meet', () => {
  const led = [...textOf('docs/runbooks/README.md').matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, book]) => book)
  expect(led.length).toBeGreaterThan(12)
  for (const book of led) expect(runbooks).toContain(`docs/runbooks/${book}`)
})

function linesOf(book: string, block: string): Shown[] {
  return block
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [] : [{ book, text: line.trim() }]))
}
