'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { PageButtons } from '@console/console/page-buttons.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listMemberships } from '@console/contracts/memberships/actions'
import type { MembershipRow } from '@console/contracts/memberships/schemas'
import { setMembership } from '@console/contracts/people/actions'
import type { Product } from '@console/contracts/products/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import Link from 'next/link'
import { useState } from 'react'
import { AccessDialog } from '../../lib/access-dialog.tsx'
import { paths } from '../../lib/paths.ts'
import { productLabel } from '../../lib/product-words.ts'
import { Until } from '../../lib/until.tsx'
import { RoleMark } from './role-mark.tsx'
import type { MembershipsView } from './use-memberships-view.ts'

const columns = 7
const weekMs = 7 * 86_400_000

/** One membership a line, by person, ended ones among them. */
export function MembershipList({ view, products }: { readonly view: MembershipsView; readonly products: readonly Product[] }) {
  const [until] = useState(() => new Date(Date.now() + weekMs).toISOString())
  const query = { ...view.query, ...(view.values.ending && { endsBefore: until }) }
  const memberships = useRead(listMemberships, { query }, { every: 15_000 })
  const denied = useWhyNot()(setMembership)
  const [open, setOpen] = useState<MembershipRow | null>(null)
  const data = memberships.data
  const product = products.find(({ id }) => id === open?.productId)
  return (
    <>
      <ListTable
        label="Memberships"
        query={memberships}
        what="Memberships"
        className="two stk"
        columns={columns}
        head={
          <>
            <th>Person</th>
            <th>Product</th>
            <th>Role</th>
            <th>Plan</th>
            <th>Until</th>
            <th>State</th>
            <th>
              <span className="vh">Actions</span>
            </th>
          </>
        }
        rows={(data?.items ?? []).map((row) => (
          <Row key={`${row.userId} ${row.productId}`} row={row} denied={denied} onChange={() => setOpen(row)} />
        ))}
        empty={
          <Blank title="No membership matches">
            <p>Take a filter away, or look for a part of the name.</p>
          </Blank>
        }
        footer={
          <>
            <span>{data ? `${data.items.length} of ${data.total}` : ''}</span>
            <PageButtons cursor={view.values.cursor} next={data?.nextCursor} onPage={view.page} />
          </>
        }
      />
      {open && product && (
        <AccessDialog
          product={product}
          user={{ id: open.userId, name: open.name, email: open.email, memberships: [open], lastAdmin: false }}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  )
}

function Row({
  row: { userId, name, email, status, productId, role, plan, expiresAt, ended },
  denied,
  onChange,
}: {
  readonly row: MembershipRow
  readonly denied: string | null
  readonly onChange: () => void
}) {
  const who = cleanLogText(name || email)
  return (
    <tr data-row>
      <td className="name t1">
        <Link href={paths.person(userId)}>
          <b>{who}</b>
        </Link>
        <span className="sub">{email}</span>
      </td>
      <td data-l="Product">
        <Link href={paths.product(productId)}>{productLabel(productId)}</Link>
      </td>
      <td className="t2">
        <span className={`mx ${role}`}>
          <RoleMark role={role} />
          {role}
        </span>
      </td>
      <td className="c2" data-l="Plan">
        {cleanLogText(plan)}
      </td>
      <td className="c2 nowrap" data-l="Until">
        <Until at={expiresAt} ended={ended} />
      </td>
      <td data-l="State">{status === 'active' ? <span className="c2">active</span> : <Status kind="cancelled">{status}</Status>}</td>
      <td className="act">
        <Button
          small
          aria-label={`Change access of ${who} to ${productLabel(productId)}…`}
          disabledReason={denied}
          reasonHidden
          onClick={onChange}
        >
          Change…
        </Button>
      </td>
    </tr>
  )
}
