import { isChunk, type Release } from './judge-request.ts'

/** What a worker works with; handed in, so that it can be tried without a browser. */
export type Surroundings = {
  readonly caches: CacheStorage
  readonly fetch: (input: Request | string, init?: RequestInit) => Promise<Response>
}

const prefix = 'bytelyst-release-'
const lanes = 4
const pagePatienceMs = 10_000
const nameOf = ({ id }: Release): string => prefix + id
/** Encodings differ between what asks and what asked before; the bytes do not. */
const anyEncoding = { ignoreVary: true }

/**
 * Keeps each page and chunk of a release, whole or not at all. Nothing that was asked with a cookie is kept, and nothing whose bytes are not
 * those of the release: a sign-in page of a network, or half of another release.
 */
export async function keepRelease(release: Release, { caches, fetch }: Surroundings): Promise<void> {
  const name = nameOf(release)
  const isNew = !(await caches.has(name))
  const cache = await caches.open(name)
  const left = Object.keys(release.files)
  const lane = async (): Promise<void> => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      if (await cache.match(path, anyEncoding)) continue
      const known = isChunk(path) ? await findKept(path, release, caches) : undefined
      await cache.put(path, known ?? (await fetchExactly(path, release, fetch)))
    }
  }
  try {
    await Promise.all(Array.from({ length: lanes }, lane))
  } catch (error) {
    if (isNew) await caches.delete(name)
    throw error
  }
}

/** Of the releases before, the last one stays: tabs that opened it may still ask for its chunks. */
export async function dropOlderReleases(release: Release, caches: CacheStorage): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== nameOf(release))
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)))
}

/** What is kept of a path: as this release has it, else as the one before had it. */
export async function findKept(path: string, release: Release, caches: CacheStorage): Promise<Response | undefined> {
  const own = nameOf(release)
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== own)
  for (const name of [own, ...names.reverse()]) {
    // Opening would make one that is not there.
    const found = (await caches.has(name)) ? await (await caches.open(name)).match(path, anyEncoding) : undefined
    if (found) return found
  }
  return undefined
}

/**
 * The network first; what is kept, where nothing or only a gateway's excuse comes back, or nothing for ten seconds: a network that swallows what
 * it is asked must not hold a page, nor the worker of the release after, which waits for what this one still answers.
 */
export async function answerPage(asked: Request, release: Release, { caches, fetch }: Surroundings): Promise<Response> {
  const kept = async (): Promise<Response | undefined> =>
    (await caches.has(nameOf(release))) ? (await caches.open(nameOf(release))).match(pathOf(asked), anyEncoding) : undefined
  const network = fetch(asked).then(async (reply) => (reply.status < 500 ? reply : ((await kept()) ?? reply)))
  const patience = new AbortController()
  const late = new Promise<undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), pagePatienceMs)
    patience.signal.addEventListener('abort', () => clearTimeout(timer))
  })
  try {
    return (await Promise.race([network, late])) ?? (await kept()) ?? (await network)
  } catch (error) {
    const page = await kept()
    if (page) return page
    throw error
  } finally {
    patience.abort()
    network.catch(() => undefined)
  }
}

/** A chunk is named by its content: what is kept of it is right. */
export async function answerChunk(asked: Request, release: Release, { caches, fetch }: Surroundings): Promise<Response> {
  return (await findKept(pathOf(asked), release, caches)) ?? (await fetch(asked))
}

async function fetchExactly(path: string, { files }: Release, fetch: Surroundings['fetch']): Promise<Response> {
  const reply = await fetch(path, { credentials: 'omit', cache: 'no-cache', redirect: 'error' })
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await reply.clone().arrayBuffer()))
  if (reply.status !== 200 || btoa(String.fromCharCode(...digest)) !== files[path]) throw new Error(`${path} is not of this release`)
  return reply
}

function pathOf(asked: Request): string {
  return new URL(asked.url).pathname
}
