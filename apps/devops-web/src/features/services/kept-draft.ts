import type { Draft } from './service-draft.ts'

type Tags = { readonly etag: string; readonly variablesEtag: string }
export type Kept = Tags & { readonly draft: Partial<Draft>; readonly at: string }

const keyOf = (id: string): string => `bytelyst.service-draft.v2.${id || 'new'}`

/** What was typed into the form on this device and not saved; null when there is nothing, or nothing readable. */
export function keptDraft(id: string): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(id)) ?? 'null') as Kept | null
    return kept?.draft && typeof kept.at === 'string' ? kept : null
  } catch {
    return null
  }
}

/** Keeps what is typed, without the values of secrets. A browser that keeps nothing is no reason to disturb who types. */
export function keepDraft(id: string, draft: Draft, { etag, variablesEtag }: Tags): void {
  const variables = draft.variables.map((variable) => (variable.secret ? { ...variable, value: null } : variable))
  const kept: Kept = { draft: { ...draft, variables }, etag, variablesEtag, at: new Date().toISOString() }
  try {
    localStorage.setItem(keyOf(id), JSON.stringify(kept))
  } catch {
    return
  }
}

export function forgetDraft(id: string): void {
  localStorage.removeItem(keyOf(id))
}
