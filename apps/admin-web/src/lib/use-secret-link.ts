import type { ApiError } from '@console/api-client/client'
import { askAgain } from '@console/api-client/read-again'
import { useConsole } from '@console/console/console-provider.tsx'
import { useEffect, useEffectEvent, useState } from 'react'

export type SecretLink<T> = {
  /** What the link is for; null until that is known, and when it is for nothing any more. */
  readonly shown: T | null
  readonly error: ApiError | null
  readonly busy: boolean
  readonly done: boolean
  /** Does something with the secret, which ends the link, unless it leads the browser away. */
  readonly use: (deed: (token: string) => Promise<'done' | 'leaving'>) => Promise<void>
}

/**
 * The secret of a link that brought somebody here. It is behind the #, so no server's log holds it; once it is used it leaves the address.
 * @param over the code of a link that works no more
 */
export function useSecretLink<T>(ask: (token: string) => Promise<T>, over: ApiError['code']): SecretLink<T> {
  const { settings } = useConsole()
  const [shown, setShown] = useState<T | null>(null)
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const ready = settings.platformUrl !== ''
  const begin = useEffectEvent(async (): Promise<void> => {
    try {
      setShown(await askAgain(() => ask(location.hash.slice(1) || 'none')))
    } catch (thrown) {
      setError(thrown as ApiError)
    }
  })
  useEffect(() => {
    if (ready) void begin()
  }, [ready])
  // Another link in the same tab changes only what stands behind the #, which loads nothing by itself.
  useEffect(() => {
    const again = (): void => location.reload()
    addEventListener('hashchange', again)
    return () => removeEventListener('hashchange', again)
  }, [])
  const use: SecretLink<T>['use'] = async (deed) => {
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      // Whoever goes to the provider may come back by the browser's own button, and needs the link again.
      if ((await deed(location.hash.slice(1))) === 'leaving') return
      setDone(true)
      history.replaceState(null, '', location.pathname)
    } catch (thrown) {
      const failure = thrown as ApiError
      if (failure.code === over) setShown(null)
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return { shown, error, busy, done, use }
}
