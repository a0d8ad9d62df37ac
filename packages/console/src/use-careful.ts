'use client'
import type { ApiError } from '@console/api-client/client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useFactor } from './use-factor.ts'

/**
 * Carries out what may ask for a factor first: it is asked for where it is needed, then the deed is tried again.
 * @param changes what is asked for anew once it is done
 */
export function useCareful<R>(deed: () => Promise<R>, changes: readonly { readonly id: string }[]) {
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const [needsFactor, setNeedsFactor] = useState(false)
  const factor = useFactor()
  /** What came of it; null where it failed, or where a factor is asked for now. */
  const run = async (): Promise<{ readonly result: R } | null> => {
    if (busy) return null
    setBusy(true)
    setError(null)
    try {
      if (needsFactor) {
        await factor.show()
        setNeedsFactor(false)
      }
      const result = await deed()
      await Promise.all(changes.map(({ id }) => queries.invalidateQueries({ queryKey: [id] })))
      return { result }
    } catch (thrown) {
      const failure = thrown as ApiError
      if (failure.code === 'AUTH_STEP_UP_REQUIRED') setNeedsFactor(true)
      else setError(failure)
      return null
    } finally {
      setBusy(false)
    }
  }
  return { run, busy, error, needsFactor, factor }
}
