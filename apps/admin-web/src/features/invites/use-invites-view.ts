'use client'
import { debounce, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

const typingMs = 150
const fields = {
  q: parseAsString.withDefault(''),
  state: parseAsStringLiteral(['open', 'accepted', 'revoked', 'expired'] as const),
  cursor: parseAsString,
  make: parseAsBoolean,
}

/** The view of the invites, kept in its address; a change of the filter begins at its first page again. */
export function useInvitesView() {
  const [values, setState] = useQueryStates(fields)
  const { q, state, cursor } = values
  return {
    values,
    query: { q: q || undefined, state: state ?? undefined, cursor: cursor ?? undefined },
    set: (part: Partial<Pick<typeof values, 'state'>>) => void setState({ ...part, cursor: null }),
    type: (text: string) => void setState({ q: text, cursor: null }, { limitUrlUpdates: debounce(typingMs) }),
    page: (next: string | null) => void setState({ cursor: next }),
    make: (open: boolean) => void setState({ make: open || null }),
  }
}
