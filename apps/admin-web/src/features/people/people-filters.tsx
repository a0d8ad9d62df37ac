import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Select } from '@console/ui/select.tsx'
import { useProducts } from '../../lib/use-products.ts'
import type { usePeopleView } from './use-people-view.ts'

/** Who is looked for; all of it stands in the address. */
export function PeopleFilters({ view: { values, set, type } }: { readonly view: ReturnType<typeof usePeopleView> }) {
  const products = useProducts()
  return (
    <div className="tools2">
      <SearchField label="Search people" placeholder="Name or e-mail" value={values.q} onChange={(q) => type({ q })} />
      <Segmented
        label="State"
        value={values.status ?? 'all'}
        onChange={(next) => set({ status: next === 'all' ? null : next })}
        options={[
          { value: 'all', label: 'All' },
          { value: 'active', label: 'Active' },
          { value: 'invited', label: 'Invited' },
          { value: 'disabled', label: 'Disabled' },
        ]}
      />
      <Select
        label="Product"
        value={values.product ?? ''}
        onChange={(product) => set({ product: product || null })}
        options={[{ value: '', label: 'any' }, ...products.map(({ id, label }) => ({ value: id, label }))]}
      />
      <Select
        label="Role"
        value={values.role ?? ''}
        onChange={(role) => set({ role: role || null })}
        options={[
          { value: '', label: 'any' },
          { value: 'viewer', label: 'viewer' },
          { value: 'operator', label: 'operator' },
          { value: 'admin', label: 'admin' },
        ]}
      />
    </div>
  )
}
