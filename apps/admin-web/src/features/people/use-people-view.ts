'use client'
import { debounce, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

const sorts = ['name', 'status', 'lastSeenAt'] as const
export type Sort = (typeof sorts)[number]
const typingMs = 150
const fields = {
  q: parseAsString.withDefault(''),
  status: parseAsStringLiteral(['active', 'invited', 'disabled'] as const),
  product: parseAsString,
  role: parseAsStringLiteral(['viewer', 'operator', 'admin'] as const),
  sort: parseAsStringLiteral(sorts).withDefault('name'),
  direction: parseAsStringLiteral(['asc', 'desc'] as const).withDefault('asc'),
  cursor: parseAsString,
  invite: parseAsBoolean,
}

/** The view of the list of people, kept in its address; a change of the filter begins at its first page again. */
export function usePeopleView() {
  const [values, setState] = useQueryStates(fields)
  type Part = Partial<Pick<typeof values, 'q' | 'status' | 'product' | 'role'>>
  const { q, status, product, role, sort, direction, cursor } = values
  return {
    values,
    query: {
      q: q || undefined,
      status: status ?? undefined,
      productId: product ?? undefined,
      role: role ?? undefined,
      sort,
      direction,
      cursor: cursor ?? undefined,
    },
    set: (part: Part) => void setState({ ...part, cursor: null }),
    type: (part: Part) => void setState({ ...part, cursor: null }, { limitUrlUpdates: debounce(typingMs) }),
    sortBy: (next: Sort) => void setState({ sort: next, direction: sort === next && direction === 'asc' ? 'desc' : 'asc', cursor: null }),
    page: (next: string | null) => void setState({ cursor: next }),
    invite: (open: boolean) => void setState({ invite: open || null }),
  }
}
