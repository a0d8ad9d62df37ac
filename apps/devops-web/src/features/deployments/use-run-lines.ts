'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { streamDeploymentLines } from '@console/contracts/deployments/actions'
import { Run, RunLine } from '@console/contracts/deployments/schemas'
import { useEffect, useState } from 'react'
import { z } from 'zod'

const Lines = z.object({ items: z.array(RunLine) })
const mostLines = 20_000

export type RunOutput = {
  readonly lines: readonly RunLine[]
  readonly run: Run | null
  readonly state: 'open' | 'retrying' | 'ended'
  readonly error: ApiError | null
}

/** A run's output from its first line on, and its state as it changes: one stream, picked up again where it was. */
export function useRunLines(id: string, enabled: boolean): RunOutput {
  const { client } = useConsole()
  const [lines, setLines] = useState<readonly RunLine[]>([])
  const [run, setRun] = useState<Run | null>(null)
  const [state, setState] = useState<'open' | 'retrying' | 'ended'>('retrying')
  const [error, setError] = useState<ApiError | null>(null)
  useEffect(() => {
    if (!enabled || id === '') return
    const stop = new AbortController()
    let last = 0
    setLines([])
    const onEvent = (event: string, data: unknown): void => {
      if (event === 'run') {
        const parsed = Run.safeParse(data)
        if (parsed.success) setRun(parsed.data)
      }
      if (event !== 'lines') return
      const parsed = Lines.safeParse(data)
      const fresh = (parsed.data?.items ?? []).filter(({ seq }) => seq > last)
      last = fresh.at(-1)?.seq ?? last
      if (fresh.length > 0) setLines((before) => [...before, ...fresh].slice(-mostLines))
    }
    void client.follow(
      streamDeploymentLines,
      { params: { id }, signal: stop.signal },
      {
        onEvent,
        onState: (next, why) => {
          setState(next)
          setError(why ?? null)
        },
      },
    )
    return () => stop.abort()
  }, [client, id, enabled])
  return { lines, run, state, error }
}
