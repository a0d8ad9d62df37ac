/**
 * Writes tests/attacks/engine-operations.json, every operation of the engine that an attack case tries, from the engine's own OpenAPI
 * documents: `pnpm exec node scripts/engine-operations.ts v1.41.yaml v1.56.yaml`. They are `docs/v*.yaml` of the Go module github.com/moby/moby/api
 * (`go mod download -json github.com/moby/moby/api@v1.56.1` says where it was put). `--check` compares instead of writing.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { operationsOf } from './openapi-operations.ts'

const file = join(import.meta.dirname, '../tests/attacks/engine-operations.json')
const documents = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
if (documents.length === 0) {
  console.log('Name the OpenAPI documents of the engine, the oldest version first.')
  process.exit(2)
}
const read = documents.map((path) => operationsOf(readFileSync(path, 'utf8')))
const text = `${JSON.stringify(Object.fromEntries(read.map(({ version, operations }) => [version, operations])), null, 2)}\n`
if (process.argv.includes('--check')) {
  const isSame = readFileSync(file, 'utf8') === text
  console.log(isSame ? 'The list is what these documents say.' : 'The list is not what these documents say; run this without --check.')
  process.exit(isSame ? 0 : 1)
}
writeFileSync(file, text)
for (const { version, operations } of read) console.log(`${version}: ${operations.length} operations`)
