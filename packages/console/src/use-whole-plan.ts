'use client'
import type { ApiError } from '@console/api-client/client'
import { sha256Of } from '@console/api-client/plan-digest'
import { lineOfChange } from '@console/contracts/backups/plan-lines'
import type { RestoreChange, RestoreLack, RestorePlan } from '@console/contracts/backups/schemas'
import { useEffect, useState } from 'react'
import type { Backups } from './backup-actions.ts'
import { useConsole } from './console-provider.tsx'

const pageSize = '5000'

export type WholePlan = {
  readonly changes: readonly RestoreChange[]
  readonly lacking: readonly RestoreLack[]
  /** The lines that are hashed, one a change: what is saved as a file. */
  readonly text: string
  /** Why it cannot be confirmed yet; null once all of it is here and has the hash that the plan says. */
  readonly trouble: string | null
}

/** Reads a plan to its end and hashes what was read: only what a person can look at is confirmed. */
export function useWholePlan(plan: RestorePlan, digest: string, backups: Backups): WholePlan {
  const { client } = useConsole()
  const [whole, setWhole] = useState<WholePlan>(begun(plan))
  useEffect(() => {
    const stop = new AbortController()
    setWhole(begun(plan))
    readAll(plan).catch((error: ApiError) => {
      if (!stop.signal.aborted) setWhole({ ...begun(plan), trouble: `The plan could not be read: ${error.message}` })
    })
    return () => stop.abort()

    async function readAll({ changesTotal, changesSha256, lackingTotal }: RestorePlan): Promise<void> {
      const { signal } = stop
      const changes = [...plan.changes]
      while (changes.length < changesTotal) {
        const query = { after: String(changes.length), limit: pageSize }
        const { items } = await client.call(backups.listRestoreChanges, { params: { digest }, query, signal })
        if (items.length === 0) break
        changes.push(...items)
        if (!signal.aborted) setWhole({ ...begun(plan), changes, trouble: readSoFar(changes.length, changesTotal) })
      }
      const lacking = [...plan.lacking]
      while (lacking.length < lackingTotal) {
        const query = { after: String(lacking.length), limit: pageSize }
        const { items } = await client.call(backups.listRestoreLacking, { params: { digest }, query, signal })
        if (items.length === 0) break
        lacking.push(...items)
      }
      const text = changes.map(lineOfChange).join('')
      const isWhole = changes.length === changesTotal && (await sha256Of(text)) === changesSha256
      const trouble = isWhole ? null : 'What was read is not what the plan says. Plan again.'
      if (!signal.aborted) setWhole({ changes, lacking, text, trouble })
    }
  }, [client, backups, plan, digest])
  return whole
}

function begun({ changes, changesTotal, lacking }: RestorePlan): WholePlan {
  return { changes, lacking, text: '', trouble: readSoFar(changes.length, changesTotal) }
}

function readSoFar(count: number, of: number): string {
  return `The plan is being read: ${count.toLocaleString('en-US')} of ${of.toLocaleString('en-US')}`
}
