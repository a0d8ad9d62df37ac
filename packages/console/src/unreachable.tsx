'use client'
import { Button } from '@console/ui/button.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useEffect, useSyncExternalStore } from 'react'
import { lastHeard } from './heard.ts'

const tryEveryMs = 15_000

/** Before anybody is known to be signed in, and nothing answers: since when, and that nothing older is shown. It goes on by itself. */
export function Unreachable({ why, retry }: { readonly why: string; readonly retry: () => void }) {
  const online = useOnline()
  const heard = lastHeard()
  useEffect(() => {
    const timer = setInterval(retry, tryEveryMs)
    addEventListener('online', retry)
    return () => {
      clearInterval(timer)
      removeEventListener('online', retry)
    }
  }, [retry])
  return (
    <div className="stack">
      <div>
        <h1>{online ? 'The console does not answer' : 'You are offline'}</h1>
        <p className="c2">
          {online ? why : 'This browser has no network. The page itself is kept here; what it shows comes from the console.'}
        </p>
      </div>
      {heard && (
        <p className="c2">
          The console last answered <Ago at={heard} />. Its answers are not kept in this browser, so there is nothing older to show.
        </p>
      )}
      <Button look="ink" onClick={retry}>
        Try again
      </Button>
    </div>
  )
}

/** What the browser thinks of its network; true in what is written before the page has come to life. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  )
}

function subscribe(listener: () => void): () => void {
  for (const event of ['online', 'offline']) addEventListener(event, listener)
  return () => {
    for (const event of ['online', 'offline']) removeEventListener(event, listener)
  }
}
