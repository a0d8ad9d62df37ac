import type { PeopleCounts } from '@console/contracts/people/schemas'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Select } from '@console/ui/select.tsx'
import { useProducts } from '../../lib/use-products.ts'
import type { usePeopleView } from './use-people-view.ts'

const any = { value: '', label: 'any' } as const
const roles = [any, ...(['viewer', 'operator', 'admin'] as const).map((value) => ({ value, label: value }))] as const
const factors = [any, { value: 'none', label: 'none' }, { value: 'totp', label: 'TOTP' }, { value: 'passkey', label: 'passkey' }] as const
const seen = [
  any,
  { value: '7d', label: 'in 7 days' },
  { value: '30d', label: 'in 30 days' },
  { value: 'over30d', label: 'over 30 days ago' },
  { value: 'over90d', label: 'over 90 days ago' },
  { value: 'never', label: 'never' },
] as const

/** Who is looked for; all of it stands in the address. */
export function PeopleFilters({
  view: { values, set, type },
  counts,
}: {
  readonly view: ReturnType<typeof usePeopleView>
  readonly counts: PeopleCounts | undefined
}) {
  const products = useProducts()
  const chosen = products.filter(({ id }) => values.product === null || id === values.product)
  const plans = [...new Set(chosen.flatMap((product) => product.plans))].sort()
  const state = (label: string, n: number | undefined) => (n === undefined ? label : `${label} ${n}`)
  return (
    <div className="tools2">
      <SearchField label="Search people" placeholder="Name or e-mail" value={values.q} onChange={(q) => type({ q })} />
      <Segmented
        label="State"
        value={values.status ?? 'all'}
        onChange={(next) => set({ status: next === 'all' ? null : next })}
        options={[
          { value: 'all', label: state('All', counts && counts.active + counts.invited + counts.disabled) },
          { value: 'active', label: state('Active', counts?.active) },
          { value: 'invited', label: state('Invited', counts?.invited) },
          { value: 'disabled', label: state('Disabled', counts?.disabled) },
        ]}
      />
      <Select
        label="Product"
        value={values.product ?? ''}
        onChange={(product) => set({ product: product || null, plan: null })}
        options={[any, ...products.map(({ id, label }) => ({ value: id, label }))]}
      />
      <Select label="Role" value={values.role ?? ''} onChange={(role) => set({ role: role || null })} options={roles} />
      <Select
        label="Plan"
        value={values.plan ?? ''}
        onChange={(plan) => set({ plan: plan || null })}
        options={[any, ...plans.map((value) => ({ value, label: value }))]}
      />
      <Select label="Second factor" value={values.factor ?? ''} onChange={(factor) => set({ factor: factor || null })} options={factors} />
      <Select label="Last seen" value={values.seen ?? ''} onChange={(at) => set({ seen: at || null })} options={seen} />
    </div>
  )
}
