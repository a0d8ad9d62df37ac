/** What a worker knows of its release: each page by its address and each chunk, with the SHA-256 of its bytes in base64. */
export type Release = { readonly id: string; readonly files: Readonly<Record<string, string>> }
/** `pass` leaves the request to the browser, as if there were no worker. */
export type Verdict = 'pass' | 'page' | 'chunk'

const chunks = '/_next/static/'

export const isChunk = (path: string): boolean => path.startsWith(chunks)

/**
 * Which requests the worker answers: pages that it knows by name, and chunks. All else is none of its business, whatever it is called: what an
 * API answers, what carries a credential, what another host is asked.
 */
export function judgeRequest(asked: Pick<Request, 'method' | 'url' | 'mode' | 'headers'>, origin: string, release: Release): Verdict {
  if (asked.method !== 'GET' || asked.headers.has('authorization') || asked.headers.has('range')) return 'pass'
  const { origin: from, pathname } = new URL(asked.url)
  if (from !== origin) return 'pass'
  if (isChunk(pathname)) return 'chunk'
  return asked.mode === 'navigate' && Object.hasOwn(release.files, pathname) ? 'page' : 'pass'
}
