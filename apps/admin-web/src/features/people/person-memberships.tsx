'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listMemberships } from '@console/contracts/memberships/actions'
import type { MembershipRow } from '@console/contracts/memberships/schemas'
import { setMembership } from '@console/contracts/people/actions'
import type { Membership, User } from '@console/contracts/people/schemas'
import { listProducts } from '@console/contracts/products/actions'
import type { Product } from '@console/contracts/products/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Lock, Plus } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { AccessDialog } from '../../lib/access-dialog.tsx'
import { paths } from '../../lib/paths.ts'
import { productLabel } from '../../lib/product-words.ts'
import { Until } from '../../lib/until.tsx'
import { FactsTable } from './facts-table.tsx'

/** What a person may do, product by product; what has ended stays listed until it is given again or taken. */
export function PersonMemberships({ user }: { readonly user: User }) {
  const invited = user.status === 'invited'
  const memberships = useRead(listMemberships, { query: { userId: user.id, limit: '200' } }, { every: 15_000, enabled: !invited })
  const products = useRead(listProducts, {}, { every: 60_000 })
  const denied = useWhyNot()(setMembership)
  const [open, setOpen] = useState<Product | 'give' | null>(null)
  const rows: readonly (Membership & Partial<Pick<MembershipRow, 'ended'>>)[] = invited
    ? user.memberships
    : (memberships.data?.items ?? []).filter(({ userId }) => userId === user.id)
  const all = products.data?.items ?? []
  const others = all.filter(({ id, status }) => status === 'active' && !user.memberships.some(({ productId }) => productId === id))
  const none = others.length === 0 ? 'There is no product left to give.' : null
  return (
    <Panel
      title="Memberships"
      label={`what ${cleanLogText(user.name || user.email)} may do, product by product`}
      actions={
        !invited && (
          <Button
            small
            icon={<Plus className="ic s" aria-hidden="true" />}
            disabledReason={denied ?? none}
            reasonHidden
            onClick={() => setOpen('give')}
          >
            Give access…
          </Button>
        )
      }
    >
      {!invited && <QueryState query={memberships} what="Memberships" />}
      {rows.length > 0 ? (
        <FactsTable columns={['Product', 'Role', 'Plan', 'Until']}>
          {rows.map((row) => (
            <Row
              key={row.productId}
              row={row}
              product={all.find(({ id }) => id === row.productId)}
              lastAdmin={user.lastAdmin}
              denied={denied}
              onChange={invited ? null : setOpen}
            />
          ))}
        </FactsTable>
      ) : (
        (invited || memberships.data) && <Blank title="No access to any product">Signed in, this person would see nothing.</Blank>
      )}
      {open === 'give' && <AccessDialog product={null} products={others} user={user} onClose={() => setOpen(null)} />}
      {open !== null && open !== 'give' && <AccessDialog product={open} user={user} onClose={() => setOpen(null)} />}
    </Panel>
  )
}

function Row({
  row: { productId, role, plan, expiresAt, ended = false },
  product,
  lastAdmin,
  denied,
  onChange,
}: {
  readonly row: Membership & { readonly ended?: boolean }
  readonly product: Product | undefined
  readonly lastAdmin: boolean
  readonly denied: string | null
  readonly onChange: ((product: Product) => void) | null
}) {
  const name = cleanLogText(product?.name ?? productLabel(productId))
  return (
    <tr>
      <td className="t1">
        <Link href={paths.product(productId)}>
          <b>{name}</b>
        </Link>
        <span className="sub mono">{productId}</span>
      </td>
      <td className="t2">
        {role === 'admin' ? <b>admin</b> : role}
        {lastAdmin && productId === 'bytelyst-platform' && (
          <span className="sub">
            <Lock className="ic s inline" aria-hidden="true" /> Last active admin. Give someone else admin first.
          </span>
        )}
      </td>
      <td className="c2" data-l="Plan">
        {cleanLogText(plan)}
      </td>
      <td className="c2 nowrap" data-l="Until">
        <Until at={expiresAt} ended={ended} />
      </td>
      <td className="act">
        {onChange && product && (
          <Button small aria-label={`Change access to ${name}…`} disabledReason={denied} reasonHidden onClick={() => onChange(product)}>
            {ended ? 'Give again…' : 'Change…'}
          </Button>
        )}
      </td>
    </tr>
  )
}
