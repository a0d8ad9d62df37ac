'use client'
import { debounce, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

const typingMs = 150
const fields = {
  q: parseAsString.withDefault(''),
  state: parseAsStringLiteral(['live', 'ended'] as const),
  product: parseAsString,
  person: parseAsString,
  cursor: parseAsString,
}

/** The view of the list of sessions, kept in its address; a change of the filter begins at its first page again. */
export function useSessionsView() {
  const [values, setState] = useQueryStates(fields)
  type Part = Partial<Omit<typeof values, 'cursor'>>
  const { q, state, product, person, cursor } = values
  return {
    values,
    query: {
      q: q || undefined,
      state: state ?? undefined,
      productId: product ?? undefined,
      userId: person ?? undefined,
      cursor: cursor ?? undefined,
    },
    set: (part: Part) => void setState({ ...part, cursor: null }),
    type: (part: Part) => void setState({ ...part, cursor: null }, { limitUrlUpdates: debounce(typingMs) }),
    page: (next: string | null) => void setState({ cursor: next }),
  }
}
