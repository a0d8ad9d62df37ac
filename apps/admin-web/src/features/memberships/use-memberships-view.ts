'use client'
import { debounce, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

const typingMs = 150
const fields = {
  as: parseAsStringLiteral(['matrix', 'list'] as const).withDefault('matrix'),
  q: parseAsString.withDefault(''),
  role: parseAsStringLiteral(['viewer', 'operator', 'admin'] as const),
  product: parseAsString,
  /** Only what ends within a week or has ended; in the list. */
  ending: parseAsBoolean.withDefault(false),
  cursor: parseAsString,
  give: parseAsBoolean.withDefault(false),
}

/** The view of who may do what where, kept in its address; a change of the filter begins at its first page again. */
export function useMembershipsView() {
  const [values, setState] = useQueryStates(fields)
  type Part = { [K in keyof Omit<typeof values, 'cursor' | 'give'>]?: (typeof values)[K] | null }
  const { q, role, product, cursor } = values
  return {
    values,
    query: { q: q || undefined, role: role ?? undefined, productId: product ?? undefined, cursor: cursor ?? undefined, limit: '50' },
    set: (part: Part) => void setState({ ...part, cursor: null }),
    type: (part: Part) => void setState({ ...part, cursor: null }, { limitUrlUpdates: debounce(typingMs) }),
    page: (next: string | null) => void setState({ cursor: next }),
    give: (open: boolean) => void setState({ give: open || null }),
  }
}
export type MembershipsView = ReturnType<typeof useMembershipsView>
