'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { streamContainerLines } from '@console/contracts/docker/actions'
import { LogBatch, type LogLine } from '@console/contracts/docker/schemas'
import { Button } from '@console/ui/button.tsx'
import { LogView } from '@console/ui/log-view.tsx'
import { Blank } from '@console/ui/states.tsx'
import { useEffect, useMemo, useRef, useState } from 'react'

const mostLines = 5_000

/** The log of one container, followed; at most 5,000 lines, and a count of what was skipped. */
export function ContainerLog({
  name,
  denied,
  onClose,
}: {
  readonly name: string
  readonly denied: string | null
  readonly onClose: () => void
}) {
  const { client } = useConsole()
  const [lines, setLines] = useState<readonly (LogLine & { key: number })[]>([])
  const [skipped, setSkipped] = useState(0)
  const [state, setState] = useState<'open' | 'retrying' | 'ended'>('retrying')
  const [error, setError] = useState<ApiError | null>(null)
  const next = useRef(0)
  useEffect(() => {
    if (denied) return
    const stop = new AbortController()
    let since: number | undefined
    void client.follow(
      streamContainerLines,
      { params: { name }, query: { tail: '500' }, signal: stop.signal },
      {
        onEvent: (event, data) => {
          const batch = event === 'lines' ? LogBatch.safeParse(data) : null
          if (!batch?.success) return
          // After a lost connection the tail comes once more; what is older than the newest line stands here already.
          const fresh = batch.data.items.filter(({ at }) => since === undefined || Date.parse(at) > since)
          setSkipped((count) => count + batch.data.skipped)
          const keyed = fresh.map((line) => {
            next.current += 1
            return { ...line, key: next.current }
          })
          setLines((before) => [...before, ...keyed].slice(-mostLines))
        },
        onState: (to, why) => {
          setState(to)
          setError(why ?? null)
          if (to === 'retrying') since = Date.now() - 2_000
        },
      },
    )
    return () => stop.abort()
  }, [client, name, denied])
  const rows = useMemo(() => lines.map(({ key, at, stream, text }) => ({ key, no: key, at, stream, text })), [lines])
  if (denied)
    return (
      <section className="panel">
        <Blank kind="denied" title="Logs are not for your role">
          {denied}
        </Blank>
      </section>
    )
  return (
    <div>
      <div className="row between cap3">
        <h2 className="strong">
          Log of <span className="mono">{name}</span>
        </h2>
        <Button small look="quiet" onClick={onClose}>
          Close the log
        </Button>
      </div>
      <LogView
        title={`Log of ${name}`}
        rows={rows}
        live={state !== 'ended'}
        empty={error ? error.message : state === 'retrying' ? 'Asking for the log' : 'The container has written nothing yet.'}
        footer={`${state === 'open' ? 'Following' : state === 'retrying' ? 'Connection lost, trying again;' : 'Ended;'} ${rows.length} lines${skipped > 0 ? `, ${skipped} skipped because this page was too slow` : ''}`}
      />
    </div>
  )
}
