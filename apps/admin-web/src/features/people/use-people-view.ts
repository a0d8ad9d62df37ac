'use client'
import { LastSeen, PeopleSort, SecondFactor, UserStatus } from '@console/contracts/people/schemas'
import { Role } from '@console/contracts/shapes'
import { debounce, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

const typingMs = 150
const fields = {
  q: parseAsString.withDefault(''),
  status: parseAsStringLiteral(UserStatus.options),
  product: parseAsString,
  role: parseAsStringLiteral(Role.options),
  plan: parseAsString,
  factor: parseAsStringLiteral(SecondFactor.options),
  seen: parseAsStringLiteral(LastSeen.options),
  sort: parseAsStringLiteral(PeopleSort.options).withDefault('name'),
  direction: parseAsStringLiteral(['asc', 'desc'] as const).withDefault('asc'),
  cursor: parseAsString,
  invite: parseAsBoolean,
  do: parseAsStringLiteral(['import', 'export'] as const),
}

/** The view of the list of people, kept in its address; a change of the filter begins at its first page again. */
export function usePeopleView() {
  const [values, setState] = useQueryStates(fields)
  type Part = Partial<Pick<typeof values, 'q' | 'status' | 'product' | 'role' | 'plan' | 'factor' | 'seen'>>
  const { q, status, product, role, plan, factor, seen, sort, direction, cursor } = values
  /** What is asked for, whatever page of it. */
  const question = {
    q: q || undefined,
    status: status ?? undefined,
    productId: product ?? undefined,
    role: role ?? undefined,
    plan: plan ?? undefined,
    factor: factor ?? undefined,
    seen: seen ?? undefined,
    sort,
    direction,
  }
  return {
    values,
    question,
    query: { ...question, cursor: cursor ?? undefined },
    set: (part: Part) => void setState({ ...part, cursor: null }),
    type: (part: Part) => void setState({ ...part, cursor: null }, { limitUrlUpdates: debounce(typingMs) }),
    sortBy: (next: PeopleSort) =>
      void setState({ sort: next, direction: sort === next && direction === 'asc' ? 'desc' : 'asc', cursor: null }),
    page: (next: string | null) => void setState({ cursor: next }),
    show: (dialog: 'import' | 'export' | null) => void setState({ do: dialog }),
    invite: (open: boolean) => void setState({ invite: open || null }),
  }
}
