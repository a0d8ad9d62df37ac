/// <reference lib="dom" />
import { judgeRequest, type Release } from './judge-request.ts'
import { answerChunk, answerPage, dropOlderReleases, keepRelease, type Surroundings } from './kept-releases.ts'

/** Written in front of this text when the dashboard is built. */
declare const release: Release

type Lasting = Event & { waitUntil(work: Promise<unknown>): void }
type Asked = Event & { readonly request: Request; respondWith(reply: Promise<Response>): void }

const worker = globalThis as unknown as {
  readonly location: Location
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: Asked) => void): void
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void
  skipWaiting(): Promise<void>
}
const around: Surroundings = { caches, fetch: (input, init) => fetch(input, init) }

// Nobody waits for tabs to be closed: no page is loaded anew by this, and what the tabs of the release before need is kept.
worker.addEventListener('install', (event) => event.waitUntil(keepRelease(release, around).then(() => worker.skipWaiting())))
worker.addEventListener('activate', (event) => event.waitUntil(dropOlderReleases(release, caches)))
worker.addEventListener('fetch', (event) => {
  const verdict = judgeRequest(event.request, worker.location.origin, release)
  if (verdict === 'page') event.respondWith(answerPage(event.request, release, around))
  if (verdict === 'chunk') event.respondWith(answerChunk(event.request, release, around))
})
// A page asks whether it is of this release, by the names of the chunks that it runs.
worker.addEventListener('message', ({ data, ports }) => {
  const paths = Array.isArray(data) ? data : []
  ports[0]?.postMessage({ release: release.id, covers: paths.every((path) => Object.hasOwn(release.files, String(path))) })
})
