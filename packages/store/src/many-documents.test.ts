import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { reportFigure, rounds } from '@console/testkit/deep'
import { expect, it } from 'vitest'
import { peerPlace } from './peer-place.fake.ts'

const place = peerPlace('many-documents-')
const { folder } = place

/** The container in which a service copies and exports has 384. */
const mostMiB = 300
/** As deploy/stores.sh starts it, and with a heap that a hundred thousand documents do not fit into. */
const options = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4', '--max-old-space-size=64']
const many = rounds({ test: 1_000, deep: 100_000 })
const filler = 'x'.repeat(500)
/** Fills a database of the stand-in, as another process would have. */
function fill(database: string, count: number): void {
  const docs = Array.from({ length: count }, (_, index) => ({ id: `d${1_000_000 + index}`, b: { n: index, filler }, o: 'made' }))
  place.peer.put(database, 'do_many', docs)
}
async function run(database: string, ...words: readonly string[]): Promise<{ documents: number; peakMiB: number }> {
  const env = { PATH: process.env.PATH, ENDPOINT: place.peer.endpoint, KEY: place.peer.key, DATABASE: database }
  const program = join(import.meta.dirname, 'many-documents.fake.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [...options, program, ...words], { env })
  const { documents, peakKiB } = JSON.parse(stdout) as { documents: number; peakKiB: number }
  return { documents, peakMiB: Math.round(peakKiB / 1_024) }
}

it(
  `walks through ${many} documents of both stores, exports and copies them both ways, and holds few of them at a time`,
  async () => {
    fill('many', many)
    const file = (name: string) => join(folder, `${name}.db`)
    const measured: string[] = []
    for (const [what, name] of [
      ['walk', ''],
      ['export', 'exported'],
      ['copy', 'copied'],
      ['back', 'copied'],
    ] as const) {
      const all = await run(what === 'back' ? 'again' : 'many', what, name && file(name))
      expect([what, all.documents]).toEqual([what, many])
      expect([what, all.peakMiB < mostMiB]).toEqual([what, true])
      measured.push(`${what} ${all.peakMiB}`)
    }
    reportFigure(`most memory at ${many} documents, MiB`, measured.join(', '))
  },
  20 * 60_000,
)
