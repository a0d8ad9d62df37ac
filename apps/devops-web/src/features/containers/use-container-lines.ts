'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { streamContainerLines } from '@console/contracts/docker/actions'
import { LogBatch, type LogLine } from '@console/contracts/docker/schemas'
import type { LogRow } from '@console/ui/log-row.ts'
import { useEffect, useState } from 'react'

const mostRows = 5_000
type State = 'open' | 'retrying' | 'ended'

/** The lines of a container as they come: at most 5,000, with a row of ours where lines were skipped. */
export function useContainerLines(name: string, enabled: boolean) {
  const { client } = useConsole()
  const [rows, setRows] = useState<readonly LogRow[]>([])
  const [state, setState] = useState<State>('retrying')
  const [error, setError] = useState<ApiError | null>(null)
  useEffect(() => {
    if (!enabled) return
    const stop = new AbortController()
    const take = createTaker()
    void client.follow(
      streamContainerLines,
      { params: { name }, query: { tail: '500' }, signal: stop.signal },
      {
        onEvent: (event, data) => {
          const batch = event === 'lines' ? LogBatch.safeParse(data) : null
          if (!batch?.success) return
          const fresh = take.batch(batch.data)
          if (fresh.length > 0) setRows((before) => [...before, ...fresh].slice(-mostRows))
        },
        onState: (to, why) => {
          setState(to)
          setError(why ?? null)
          if (to === 'retrying') take.lost()
        },
      },
    )
    return () => stop.abort()
  }, [client, name, enabled])
  return { rows, state, error }
}

/**
 * Makes rows of batches. After a lost connection the tail comes once more: lines older than the newest row stand here already, and of
 * those at its very instant as many as were seen.
 */
function createTaker() {
  let no = 0
  let key = 0
  let newest = ''
  let atNewest = 0
  let known: { at: string; left: number } | null = null
  const isKnown = ({ at }: LogLine): boolean => {
    if (known === null) return false
    if (at < known.at) return true
    if (at === known.at && known.left > 0) {
      known.left -= 1
      return true
    }
    known = null
    return false
  }
  const rowOf = ({ at, stream, text, cut }: LogLine): LogRow => {
    no += 1
    key += 1
    atNewest = at === newest ? atNewest + 1 : 1
    newest = at
    return { key, no, at, stream, text: cut ? `${text} … cut at 16 KiB` : text }
  }
  return {
    batch({ items, skipped }: { readonly items: readonly LogLine[]; readonly skipped: number }): LogRow[] {
      const fresh = items.filter((line) => !isKnown(line)).map(rowOf)
      if (skipped === 0) return fresh
      key += 1
      const gap = `${skipped} ${skipped === 1 ? 'line was' : 'lines were'} skipped: they came faster than this page could take them.`
      return [{ key, no: null, at: newest, stream: 'gap', text: gap }, ...fresh]
    },
    lost() {
      known = newest === '' ? null : { at: newest, left: atNewest }
    },
  }
}
