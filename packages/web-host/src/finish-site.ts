/** `node finish-site.ts FOLDER`: adds the service worker to an exported dashboard. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { readSite } from './site-files.ts'
import { isChunk, type Release } from './worker/judge-request.ts'
import { workerSource } from './worker-source.ts'

/** Writes `sw.js`, which keeps the pages and chunks that are in the folder now. The same files make the same text. */
export async function finishSite(dir: string): Promise<Release> {
  const { files } = await readSite(dir)
  const kept = [...files].filter(
    ([path, { path: own, type }]) => isChunk(path) || (type.startsWith('text/html') && path !== own && !hidden.has(path)),
  )
  if (!kept.some(([path]) => path === '/')) throw new Error(`${dir} holds no index.html. Build the dashboard first.`)
  const hashes = kept
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { bytes }]) => [path, createHash('sha256').update(bytes).digest('base64')] as const)
  const id = createHash('sha256').update(JSON.stringify(hashes)).digest('hex').slice(0, 12)
  const release = { id, files: Object.fromEntries(hashes) }
  await writeFile(join(dir, 'sw.js'), workerSource(release))
  return release
}

/** Pages for what is not there. */
const hidden = new Set(['/404', '/_not-found'])

if (import.meta.main) await finishSite(process.argv[2] ?? '')
