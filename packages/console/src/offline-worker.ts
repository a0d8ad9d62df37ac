const path = '/sw.js'
const offKey = 'bytelyst.offline.v1'
const cachePrefix = 'bytelyst-release-'
const lookAgainMs = 5 * 60_000
const answerMs = 5_000
let lookedAt = 0

/** Whether this browser can keep pages: only where the address is safe, or this machine. */
export const canKeepPages = (): boolean => typeof navigator !== 'undefined' && 'serviceWorker' in navigator

export function keepsPages(): boolean {
  try {
    return canKeepPages() && localStorage.getItem(offKey) !== 'off'
  } catch {
    return canKeepPages()
  }
}

/** Registers the worker once the page has nothing more to do; where it was switched off, it goes. */
export async function followWorker(): Promise<void> {
  if (!canKeepPages()) return
  if (!keepsPages()) return removeKept()
  lookedAt = Date.now()
  await navigator.serviceWorker.register(path, { updateViaCache: 'none' }).catch(() => undefined)
}

/** Keeps pages from now on, or removes the worker and all that it kept, and keeps none until it is asked to. */
export async function setKeepsPages(keep: boolean): Promise<void> {
  try {
    if (keep) localStorage.removeItem(offKey)
    else localStorage.setItem(offKey, 'off')
  } catch {
    // Without storage it holds for this page.
  }
  if (keep) await followWorker()
  else await removeKept()
}

/**
 * Whether a newer version of this page is on the server: its worker is here, and does not know the chunks that run in this page. Looks at the
 * server at most every five minutes. A worker still on its way is waited for until the next time.
 */
export async function isOutdated(): Promise<boolean> {
  if (!canKeepPages()) return false
  const registration = await navigator.serviceWorker.getRegistration(path)
  if (!registration) return false
  if (Date.now() - lookedAt > lookAgainMs) {
    lookedAt = Date.now()
    await registration.update().catch(() => undefined)
  }
  const { installing, waiting, active } = registration
  if (installing || waiting || !active) return false
  const chunks = [...document.scripts].map(({ src }) => src && new URL(src).pathname).filter((one) => one.startsWith('/_next/static/'))
  return !(await covers(active, chunks))
}

function covers(worker: ServiceWorker, chunks: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    const done = (known: boolean): void => {
      clearTimeout(timer)
      port1.close()
      resolve(known)
    }
    const timer = setTimeout(() => done(true), answerMs)
    port1.onmessage = ({ data }) => done((data as { covers?: unknown } | null)?.covers !== false)
    worker.postMessage(chunks, [port2])
  })
}

async function removeKept(): Promise<void> {
  await Promise.all((await navigator.serviceWorker.getRegistrations()).map((registration) => registration.unregister()))
  await Promise.all((await caches.keys()).filter((name) => name.startsWith(cachePrefix)).map((name) => caches.delete(name)))
}
