/** Where the service worker is. Its address is permanent: a browser that has it asks here for a newer one. */
export const workerPath = '/sw.js'

/** A worker that answers nothing, removes what an earlier one kept, and then itself. */
export const retiredWorker = `'use strict'
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) =>
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('bytelyst-release-')).map((name) => caches.delete(name))))
      .then(() => registration.unregister()),
  ),
)
`
