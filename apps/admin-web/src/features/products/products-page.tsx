'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { createProduct, listProducts } from '@console/contracts/products/actions'
import type { Product } from '@console/contracts/products/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Plus } from 'lucide-react'
import Link from 'next/link'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { paths } from '../../lib/paths.ts'
import { ChecksStatus } from './checks-status.tsx'
import { ProductDialog } from './product-dialog.tsx'

const columns = 8

/** What people can get access to. */
export function ProductsPage() {
  const products = useRead(listProducts, {}, { every: 15_000 })
  const denied = useWhyNot()(createProduct)
  const [adding, setAdding] = useQueryState('add', parseAsBoolean)
  const items = products.data?.items
  return (
    <>
      <PageHead
        title={<Finding items={items} />}
        sub={items && <Totals items={items} />}
        actions={
          <Button
            look="ink"
            icon={<Plus className="ic s" aria-hidden="true" />}
            disabledReason={denied}
            onClick={() => void setAdding(true)}
          >
            Add product…
          </Button>
        }
      />
      <ListTable
        label="Products"
        query={products}
        what="Products"
        className="two stk"
        columns={columns}
        head={
          <>
            <th>Checks sign-ins</th>
            <th>Product</th>
            <th className="m1">API path</th>
            <th>Owners</th>
            <th className="num">People</th>
            <th>Admins</th>
            <th>Plans</th>
            <th>New people get</th>
          </>
        }
        rows={(items ?? []).map((product) => <ProductRow key={product.id} product={product} />)}
        empty={<Blank title="There are no products">Add one, so that people can get access to it.</Blank>}
        footer={<span>A product “asks” once its program has asked this service who somebody is, since this service started.</span>}
      />
      {adding && denied === null && <ProductDialog product={null} onClose={() => void setAdding(null)} />}
    </>
  )
}

/** What stands out: a product that nobody could give access to by themselves. */
function Finding({ items }: { readonly items: readonly Product[] | undefined }) {
  const bare = (items ?? []).filter(({ status, admins, people }) => status === 'active' && people > 0 && admins === 0)
  if (bare.length === 0) return 'Products'
  return bare.length === 1 ? `${cleanLogText(bare[0]?.name ?? '')} has no admin` : `${bare.length} products have no admin`
}

function Totals({ items }: { readonly items: readonly Product[] }) {
  const retired = items.filter(({ status }) => status === 'retired').length
  const memberships = items.reduce((sum, { people }) => sum + people, 0)
  return `${items.length} products${retired > 0 ? `, ${retired} retired` : ''} · ${memberships} ${memberships === 1 ? 'membership' : 'memberships'}`
}

function ProductRow({ product }: { readonly product: Product }) {
  const { id, name, apiPath, owners, people, admins, plans, defaultRole, status } = product
  return (
    <tr data-row>
      <td className="t2">
        <ChecksStatus product={product} />
      </td>
      <td className="t1">
        <Link href={paths.product(id)}>
          <b>{cleanLogText(name)}</b>
        </Link>
        <span className="sub mono">{id}</span>
      </td>
      <td className="mono small c2 m1" data-l="API path">
        {apiPath ?? '–'}
      </td>
      <td className="c2" data-l="Owners">
        {owners.map((owner) => cleanLogText(owner.name)).join(', ') || '–'}
      </td>
      <td className="num" data-l="People">
        {people}
      </td>
      <td data-l="Admins">
        {admins === 0 && people > 0 && status === 'active' ? <Status kind="warn">none</Status> : <span className="c2">{admins}</span>}
      </td>
      <td className="c2" data-l="Plans">
        {plans.map(cleanLogText).join(', ')}
      </td>
      <td className="c2" data-l="New people get">
        {defaultRole}
      </td>
    </tr>
  )
}
