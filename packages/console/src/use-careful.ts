'use client'
import type { ApiError } from '@console/api-client/client'
import { stepUp } from '@console/contracts/auth/actions'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useConsole } from './console-provider.tsx'

/**
 * Carries out what may ask for a factor first: the password is asked for where it is needed, then the deed is tried again.
 * @param changes what is asked for anew once it is done
 */
export function useCareful<R>(deed: () => Promise<R>, changes: readonly { readonly id: string }[]) {
  const { client, adopt } = useConsole()
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const [needsPassword, setNeedsPassword] = useState(false)
  const [password, setPassword] = useState('')
  const run = async (): Promise<R | null> => {
    if (busy) return null
    setBusy(true)
    setError(null)
    try {
      if (needsPassword) {
        adopt(await client.call(stepUp, { body: { password } }))
        setPassword('')
        setNeedsPassword(false)
      }
      const result = await deed()
      await Promise.all(changes.map(({ id }) => queries.invalidateQueries({ queryKey: [id] })))
      return result
    } catch (thrown) {
      const failure = thrown as ApiError
      if (failure.code === 'AUTH_STEP_UP_REQUIRED') setNeedsPassword(true)
      else setError(failure)
      return null
    } finally {
      setBusy(false)
    }
  }
  return { run, busy, error, needsPassword, password, setPassword }
}
