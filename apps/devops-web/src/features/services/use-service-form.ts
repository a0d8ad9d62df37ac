'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { createService, getService, listServices, listVariables, setVariables, updateService } from '@console/contracts/services/actions'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { type Problem, problemAt } from './field-rules.ts'
import { forgetDraft, type Kept, keepDraft, keptDraft } from './kept-draft.ts'
import { bodyOf, type Draft, problemsOf, variablesOf } from './service-draft.ts'

/** What the form began with: its texts, and the versions that a save must still find. */
export type Start = { readonly id: string; readonly etag: string; readonly variablesEtag: string; readonly draft: Draft }

/** What is typed: begun anew or taken up where it was left on this device, and kept there while it differs from what is saved. */
function useTypedDraft(start: Start) {
  const { id } = start
  const [draft, setDraft] = useState<Draft>(start.draft)
  const [restored, setRestored] = useState<Kept | null>(null)
  const tags = useRef({ etag: start.etag, variablesEtag: start.variablesEtag })
  const first = useRef(start.draft)
  const changed = JSON.stringify(draft) !== JSON.stringify(first.current)
  useEffect(() => {
    const kept = keptDraft(id)
    if (!kept) return
    setDraft((before) => ({ ...before, ...kept.draft }))
    setRestored(kept)
    // What was typed upon an older version must not silently undo what somebody saved since.
    if (kept.etag !== '') tags.current = { etag: kept.etag, variablesEtag: kept.variablesEtag }
  }, [id])
  useEffect(() => {
    if (changed) keepDraft(id, draft, tags.current)
  }, [draft, changed, id])
  const startAnew = (): void => {
    forgetDraft(id)
    setDraft(first.current)
    setRestored(null)
    tags.current = { etag: start.etag, variablesEtag: start.variablesEtag }
  }
  const set = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }))
  return { draft, set, changed, restored, first: first.current, tags, startAnew }
}

/** Stores a service and its variables, in this order: a new service must be there before it can have any. */
function useStore(id: string, tags: ReturnType<typeof useTypedDraft>['tags']) {
  const { client } = useConsole()
  const queries = useQueryClient()
  const store = async (draft: Draft): Promise<string> => {
    const body = bodyOf(draft)
    const saved = id
      ? await client.call(updateService, { params: { id }, body, ifMatch: tags.current.etag })
      : await client.call(createService, { body })
    tags.current.etag = saved.etag
    if (draft.variables.length > 0 || tags.current.variablesEtag !== 'none')
      await client.call(setVariables, {
        params: { id: saved.id },
        body: { items: variablesOf(draft) },
        ifMatch: tags.current.variablesEtag,
      })
    await Promise.all([listServices, getService, listVariables].map((action) => queries.invalidateQueries({ queryKey: [action.id] })))
    return saved.id
  }
  /** What somebody else saved meanwhile is looked up, so that the next save goes over it, knowingly. */
  const catchUp = async (): Promise<void> => {
    const [service, variables] = await Promise.all([
      client.call(getService, { params: { id } }),
      client.call(listVariables, { params: { id } }),
    ])
    tags.current = { etag: service.etag, variablesEtag: variables.etag }
  }
  return { store, catchUp }
}

/** The state of the form: what is typed, what is wrong with it, and saving it. Nothing typed is lost by an error, a conflict or a sign-in over it. */
export function useServiceForm(start: Start) {
  const router = useRouter()
  const { id } = start
  const { tags, ...typed } = useTypedDraft(start)
  const { store, catchUp } = useStore(id, tags)
  const { draft } = typed
  const [busy, setBusy] = useState(false)
  const [tried, setTried] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const summary = useRef<HTMLDivElement>(null)
  const fail = (thrown: unknown): void => {
    setError(thrown as ApiError)
    setTimeout(() => summary.current?.focus())
  }
  const leave = (href: string): void => {
    forgetDraft(id)
    router.push(href)
  }
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy) return
    setTried(true)
    setError(null)
    if (problemsOf(draft).length > 0) {
      setTimeout(() => summary.current?.focus())
      return
    }
    setBusy(true)
    await store(draft).then((saved) => leave(paths.service(saved)), fail)
    setBusy(false)
  }
  const problems = tried ? [...problemsOf(draft), ...refused(error, draft)] : []
  return {
    ...typed,
    problems,
    problem: (field: string): string | null => problems.find((one) => one.field === field)?.rule ?? null,
    busy,
    error,
    summary,
    save,
    leave,
    takeOver: () => catchUp().then(() => setError(null), fail),
    startAnew: (): void => {
      typed.startAnew()
      setError(null)
      setTried(false)
    },
  }
}

export type ServiceForm = ReturnType<typeof useServiceForm>

/** What the API said of single fields; a name that is taken is said of no field, but belongs to one. */
function refused(error: ApiError | null, draft: Draft): Problem[] {
  if (error === null) return []
  if (error.code === 'SERVICE_EXISTS') return [{ field: 'name', label: 'Name', rule: error.message }]
  return error.fields.map(({ field, message }) => problemAt(field, message, draft))
}
