'use client'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { setMembership } from '@console/contracts/people/actions'
import { listProducts } from '@console/contracts/products/actions'
import type { Product } from '@console/contracts/products/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Select } from '@console/ui/select.tsx'
import { Plus } from 'lucide-react'
import { AccessDialog } from '../../lib/access-dialog.tsx'
import { Matrix } from './matrix.tsx'
import { MembershipList } from './membership-list.tsx'
import { type MembershipsView, useMembershipsView } from './use-memberships-view.ts'

/** Who may do what in which product: people across, products down, or one membership a line. */
export function MembershipsPage() {
  const view = useMembershipsView()
  const products = useRead(listProducts, {}, { every: 15_000 })
  const denied = useWhyNot()(setMembership)
  const all = [...(products.data?.items ?? [])].sort((a, b) => Number(a.status === 'retired') - Number(b.status === 'retired'))
  const active = all.filter(({ status }) => status === 'active')
  return (
    <>
      <PageHead
        title="Memberships"
        sub={products.data && <Totals products={all} />}
        actions={
          <Button look="ink" icon={<Plus className="ic s" aria-hidden="true" />} disabledReason={denied} onClick={() => view.give(true)}>
            Give access…
          </Button>
        }
      />
      <Filters view={view} products={all} />
      {view.values.as === 'matrix' ? <Matrix view={view} products={all} /> : <MembershipList view={view} products={all} />}
      {view.values.give && denied === null && active.length > 0 && (
        <AccessDialog product={null} products={active} user={null} onClose={() => view.give(false)} />
      )}
    </>
  )
}

function Totals({ products }: { readonly products: readonly Product[] }) {
  const sum = (of: (product: Product) => number): number => products.reduce((all, product) => all + of(product), 0)
  const memberships = sum(({ people }) => people)
  return `${products.length} products · ${memberships} ${memberships === 1 ? 'membership' : 'memberships'}, ${sum(({ admins }) => admins)} of them admin · a changed role counts within 5 s`
}

function Filters({ view: { values, set, type }, products }: { readonly view: MembershipsView; readonly products: readonly Product[] }) {
  return (
    <div className="tools2">
      <SearchField label="Search people" placeholder="Name or e-mail" value={values.q} onChange={(q) => type({ q })} />
      <Segmented
        label="Show as"
        value={values.as}
        onChange={(as) => set({ as })}
        options={[
          { value: 'matrix', label: 'Matrix' },
          { value: 'list', label: 'List' },
        ]}
      />
      <Segmented
        label="Role"
        value={values.role ?? 'all'}
        onChange={(role) => set({ role: role === 'all' ? null : role })}
        options={[
          { value: 'all', label: 'Any role' },
          { value: 'viewer', label: 'viewer' },
          { value: 'operator', label: 'operator' },
          { value: 'admin', label: 'admin' },
        ]}
      />
      {values.as === 'list' && (
        <Segmented
          label="End"
          value={values.ending ? 'ending' : 'all'}
          onChange={(next) => set({ ending: next === 'ending' || null })}
          options={[
            { value: 'all', label: 'Any end' },
            { value: 'ending', label: 'Ends within 7 d' },
          ]}
        />
      )}
      <Select
        label="Product"
        value={values.product ?? ''}
        onChange={(product) => set({ product: product || null })}
        options={[{ value: '', label: 'any' }, ...products.map(({ id, name }) => ({ value: id, label: cleanLogText(name) }))]}
      />
    </div>
  )
}
