'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { setMembership } from '@console/contracts/people/actions'
import { getProduct, updateProduct } from '@console/contracts/products/actions'
import type { Product } from '@console/contracts/products/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { StatusChip } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { ChevronRight, Pencil, Plus } from 'lucide-react'
import Link from 'next/link'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { AccessDialog } from '../../lib/access-dialog.tsx'
import { paths } from '../../lib/paths.ts'
import { AccessTable } from './access-table.tsx'
import { checksOf } from './checks-status.tsx'
import { ProductDialog } from './product-dialog.tsx'

/** One product: who has access, at which role and plan, and what it is. */
export function ProductPage() {
  const [id] = useQueryState('id', parseAsString.withDefault(''))
  const product = useRead(getProduct, { params: { id } }, { every: 15_000, enabled: id !== '' })
  const known = product.data?.id === id ? product.data : undefined
  if (known) return <Whole product={known} />
  return (
    <>
      <PageHead title="Product" crumbs={<Crumbs name={id} />} />
      <section className="panel">
        {id === '' ? (
          <Blank
            title="No product is named"
            actions={
              <Link className="btn" href={paths.products}>
                Open products
              </Link>
            }
          >
            The address of this page names one.
          </Blank>
        ) : (
          <QueryState query={product} what="The product" />
        )}
      </section>
    </>
  )
}

function Crumbs({ name }: { readonly name: string }) {
  return (
    <>
      <Link className="link" href={paths.products}>
        Products
      </Link>
      <ChevronRight className="ic s" aria-hidden="true" />
      <span>{name || '–'}</span>
    </>
  )
}

function Whole({ product }: { readonly product: Product }) {
  const whyNot = useWhyNot()
  const [open, setOpen] = useQueryState('do', parseAsStringLiteral(['edit', 'give']))
  const name = cleanLogText(product.name)
  const [denied, mayNotGive] = [whyNot(updateProduct), whyNot(setMembership)]
  const { kind, says } = checksOf(product)
  return (
    <>
      <PageHead
        crumbs={<Crumbs name={name} />}
        title={
          <span className="row gap3 w">
            {name}
            <StatusChip kind={kind}>{says}</StatusChip>
          </span>
        }
        sub={`${product.people} ${product.people === 1 ? 'person has' : 'people have'} access, ${product.admins} of them as admin`}
        actions={
          <>
            <Button icon={<Pencil className="ic s" aria-hidden="true" />} disabledReason={denied} onClick={() => void setOpen('edit')}>
              Edit…
            </Button>
            <Button
              look="ink"
              icon={<Plus className="ic s" aria-hidden="true" />}
              disabledReason={mayNotGive}
              onClick={() => void setOpen('give')}
            >
              Give access…
            </Button>
          </>
        }
      />
      <div className="cols c-8-4">
        <div className="stack">
          <AccessTable product={product} />
        </div>
        <div className="stack">
          <About product={product} />
        </div>
      </div>
      {open === 'edit' && denied === null && <ProductDialog product={product} onClose={() => void setOpen(null)} />}
      {open === 'give' && mayNotGive === null && <AccessDialog product={product} user={null} onClose={() => void setOpen(null)} />}
    </>
  )
}

function About({ product }: { readonly product: Product }) {
  const { id, url, apiPath, service, plans, defaultRole, owners, lastAskedAt } = product
  return (
    <Panel title="Product">
      <div className="pad">
        <Facts
          items={[
            [
              'Id',
              <span key="id" className="mono small">
                {id}
              </span>,
            ],
            [
              'Address',
              url ? (
                <a key="url" className="link" href={url} target="_blank" rel="noreferrer">
                  {cleanLogText(url)}
                </a>
              ) : (
                '–'
              ),
            ],
            [
              'API path',
              <span key="path" className="mono small">
                {apiPath ?? '–'}
              </span>,
            ],
            [
              'Program',
              <span key="program" className="mono small">
                {service ?? '–'}
              </span>,
            ],
            ['Last asked us', lastAskedAt ? <Ago key="asked" at={lastAskedAt} /> : 'not since the start'],
            ['Plans', plans.map(cleanLogText).join(', ')],
            ['New people get', defaultRole],
            ['Owners', owners.map((owner) => cleanLogText(owner.name)).join(', ') || '–'],
          ]}
        />
      </div>
    </Panel>
  )
}
