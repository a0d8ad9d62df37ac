import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contentTypeOf } from './content-types.ts'
import { hasInlineStyle, inlineScriptHashes } from './inline-scripts.ts'

/** One file of a site, in memory. */
export type SiteFile = {
  /** its own path, beginning with a slash */
  readonly path: string
  readonly bytes: Buffer
  readonly type: string
  readonly etag: string
  /** named by its content, so it never changes */
  readonly immutable: boolean
  /** of an HTML page: the hash sources of its inline scripts */
  readonly scriptHashes?: readonly string[]
}

/** What is answered: a file, or the address where it is. */
export type Site = {
  readonly files: ReadonlyMap<string, SiteFile>
  readonly moved: ReadonlyMap<string, string>
  readonly notFound: SiteFile | undefined
  readonly warnings: readonly string[]
}

/**
 * Reads an exported site once: afterwards a request is one look-up of its exact path, and no path leads to the disk. Hidden files and links
 * are left out. A page `x.html` or `x/index.html` also answers at `/x`; `/x/` leads there.
 * @param previous folder of the release before: of it only the files under `/_next/static/` are kept, for pages that are still open
 */
export async function readSite(dir: string, previous?: string): Promise<Site> {
  const files = new Map<string, SiteFile>()
  const moved = new Map<string, string>()
  const warnings: string[] = []
  for (const path of await walk(dir)) {
    const file = await readSiteFile(dir, path)
    files.set(path, file)
    if (file.scriptHashes !== undefined && hasInlineStyle(file.bytes.toString('utf8')))
      warnings.push(`${path} holds an inline style, which its policy refuses`)
  }
  for (const [path, file] of [...files]) {
    const page = pageAddress(path)
    if (page === undefined) continue
    if (!files.has(page)) files.set(page, file)
    if (page !== '/') moved.set(`${page}/`, page)
  }
  if (previous !== undefined) {
    for (const path of await walk(previous)) {
      if (path.startsWith(staticPrefix) && !files.has(path)) files.set(path, await readSiteFile(previous, path))
    }
  }
  return { files, moved, notFound: files.get('/404.html'), warnings }
}

const staticPrefix = '/_next/static/'

async function walk(dir: string, below = ''): Promise<string[]> {
  const paths: string[] = []
  for (const entry of await readdir(join(dir, below), { withFileTypes: true })) {
    if (entry.name.startsWith('.') && entry.name !== '.well-known') continue
    const path = `${below}/${entry.name}`
    if (entry.isDirectory()) paths.push(...(await walk(dir, path)))
    else if (entry.isFile()) paths.push(path)
  }
  return paths
}

async function readSiteFile(dir: string, path: string): Promise<SiteFile> {
  return siteFile(path, await readFile(join(dir, path)))
}

/** What is known of a file from its path and its bytes. */
export function siteFile(path: string, bytes: Buffer): SiteFile {
  const type = contentTypeOf(path)
  return {
    path,
    bytes,
    type,
    // Weak: the same file goes out in several encodings.
    etag: `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`,
    immutable: path.startsWith(staticPrefix),
    ...(type.startsWith('text/html') && { scriptHashes: inlineScriptHashes(bytes.toString('utf8')) }),
  }
}

function pageAddress(path: string): string | undefined {
  if (path === '/index.html') return '/'
  if (path.endsWith('/index.html')) return path.slice(0, -'/index.html'.length)
  return path.endsWith('.html') ? path.slice(0, -'.html'.length) : undefined
}
