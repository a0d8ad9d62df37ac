'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { PageButtons } from '@console/console/page-buttons.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listUsers, setMembership } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import type { Product } from '@console/contracts/products/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Avatar } from '@console/ui/person.tsx'
import { Blank } from '@console/ui/states.tsx'
import Link from 'next/link'
import { useState } from 'react'
import { AccessDialog } from '../../lib/access-dialog.tsx'
import { paths } from '../../lib/paths.ts'
import { MatrixCell } from './matrix-cell.tsx'
import { RoleMark } from './role-mark.tsx'
import { type GridPlace, useGridKeys } from './use-grid-keys.ts'
import type { MembershipsView } from './use-memberships-view.ts'

/** People across products. One tab stop; arrow keys move, Enter opens what is there. */
export function Matrix({ view, products }: { readonly view: MembershipsView; readonly products: readonly Product[] }) {
  const people = useRead(listUsers, { query: { ...view.query, sort: 'name' } }, { every: 15_000 })
  const denied = useWhyNot()(setMembership)
  const [open, setOpen] = useState<{ readonly user: User; readonly product: Product } | null>(null)
  const data = people.data
  const items = data?.items ?? []
  const columns = products.filter(({ id }) => view.values.product === null || id === view.values.product)
  const grid = useGridKeys({ rows: items.length, columns: columns.length + 1 })
  return (
    <>
      <ListTable
        label="People and products"
        query={people}
        what="People"
        className="mxt"
        grid={grid.onKeyDown}
        columns={columns.length + 1}
        head={
          <>
            <th>Person</th>
            {columns.map((product) => (
              <ProductHead key={product.id} product={product} />
            ))}
          </>
        }
        rows={items.map((user, row) => (
          <PersonRow
            key={user.id}
            user={user}
            products={columns}
            placeOf={(column) => grid.placeOf(row, column)}
            denied={denied}
            onOpen={(product) => setOpen({ user, product })}
          />
        ))}
        empty={
          <Blank title="Nobody matches">
            <p>Take a filter away, or look for a part of the name.</p>
          </Blank>
        }
        footer={
          <>
            <span>{data ? `${items.length} of ${data.total} people` : ''}</span>
            <PageButtons cursor={view.values.cursor} next={data?.nextCursor} onPage={view.page} />
          </>
        }
      />
      <Legend />
      {open && <AccessDialog product={open.product} user={open.user} onClose={() => setOpen(null)} />}
    </>
  )
}

function ProductHead({ product: { id, name, people, status } }: { readonly product: Product }) {
  return (
    <th scope="col">
      <Link className="c1" href={paths.product(id)}>
        <b>{cleanLogText(name)}</b>
      </Link>
      <span className="label">{status === 'retired' ? 'retired' : `${people} ${people === 1 ? 'person' : 'people'}`}</span>
    </th>
  )
}

function PersonRow({
  user,
  products,
  placeOf,
  denied,
  onOpen,
}: {
  readonly user: User
  readonly products: readonly Product[]
  readonly placeOf: (column: number) => GridPlace
  readonly denied: string | null
  readonly onOpen: (product: Product) => void
}) {
  const name = cleanLogText(user.name || user.email)
  return (
    <tr data-row>
      <th scope="row">
        <span className="row gap3">
          <Avatar name={name} />
          <span className="cut">
            <Link {...placeOf(0)} href={paths.person(user.id)}>
              <b>{name}</b>
            </Link>
            <span className="sub">{user.email}</span>
          </span>
        </span>
      </th>
      {products.map((product, at) => (
        <MatrixCell key={product.id} user={user} product={product} place={placeOf(at + 1)} denied={denied} onOpen={() => onOpen(product)} />
      ))}
    </tr>
  )
}

function Legend() {
  const says = [
    ['viewer', 'reads'],
    ['operator', 'reads and changes'],
    ['admin', 'everything, what destroys included'],
  ] as const
  return (
    <p className="legend2">
      {says.map(([role, what]) => (
        <span key={role}>
          <span className={`mx ${role}`}>
            <RoleMark role={role} />
            {role}
          </span>
          {what}
        </span>
      ))}
      <span className="push not-s">Arrow keys move, Enter opens</span>
    </p>
  )
}
