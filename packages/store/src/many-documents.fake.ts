/**
 * Walks through a store in a process of its own, so that its memory can be told: `walk`, `export FILE` or `copy SQLITE-FILE` of the store at
 * ENDPOINT, or `back SQLITE-FILE` into it. Prints how many documents it saw and the most memory that it had, in KiB.
 */
import { readFileSync } from 'node:fs'
import { copyStore } from './copy-store.ts'
import { openCosmosStore } from './cosmos.ts'
import { exportStore } from './export-store.ts'
import { openSqliteStore } from './sqlite.ts'

const [what = '', file = ''] = process.argv.slice(2)
const { ENDPOINT: endpoint = '', KEY: key = '', DATABASE: database = '' } = process.env
const declarations = [{ name: 'do_many', fields: {} }] as const
const hosted = await openCosmosStore({ endpoint, key, database })
const sums = await carryOut()
await hosted.close()
const peakKiB = Number(/VmHWM:\s+([0-9]+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
console.log(JSON.stringify({ documents: sums, peakKiB }))

async function carryOut(): Promise<number> {
  if (what === 'export') return (await exportStore(hosted, { owner: 'do', declarations, file })).sums[0]?.documents ?? 0
  if (what === 'walk') {
    let seen = 0
    for await (const { id } of hosted.everything(declarations[0])) seen += id === '' ? 0 : 1
    return seen
  }
  const sqlite = openSqliteStore(file)
  try {
    const [sum] = what === 'copy' ? await copyStore(hosted, sqlite, declarations) : await copyStore(sqlite, hosted, declarations)
    return sum?.documents ?? 0
  } finally {
    await sqlite.close()
  }
}
