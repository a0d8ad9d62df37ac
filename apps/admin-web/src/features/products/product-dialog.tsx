'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { createProduct, getProduct, listProducts, updateProduct } from '@console/contracts/products/actions'
import type { Product, ProductInput } from '@console/contracts/products/schemas'
import type { Role } from '@console/contracts/shapes'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { Tick } from '@console/ui/tick.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useRef, useState } from 'react'
import { PersonChoice } from '../../lib/person-choice.tsx'

const roles = ['viewer', 'operator', 'admin'].map((value) => ({ value, label: value }))
const statuses = [
  { value: 'active', label: 'in use' },
  { value: 'retired', label: 'retired: nobody gets in' },
]

/** Enters a product, or changes one. */
export function ProductDialog({ product, onClose }: { readonly product: Product | null; readonly onClose: () => void }) {
  const { client } = useConsole()
  const toast = useToast()
  const first = useRef<HTMLInputElement>(null)
  const form = useProductForm(product)
  const { draft, set, input } = form
  const careful = useCareful(
    () =>
      product
        ? client.call(updateProduct, { params: { id: product.id }, body: input, ifMatch: product.etag })
        : client.call(createProduct, { body: { id: draft.id.trim(), ...input } }),
    [listProducts, getProduct],
  )
  const error = (name: string): string | undefined => careful.error?.fields.find(({ field }) => field === `body.${name}`)?.message
  const trouble =
    draft.id.trim() === '' ? 'Type an id' : input.name === '' ? 'Type a name' : input.plans.length === 0 ? 'Name one plan at least' : null
  return (
    <CarefulDialog
      careful={careful}
      title={product ? `Edit ${cleanLogText(product.name)}` : 'Add a product'}
      button={product ? 'Save the product' : 'Add the product'}
      trouble={trouble}
      initialFocus={first}
      onClose={onClose}
      onDone={({ name }) => {
        toast({ kind: 'ok', title: `${cleanLogText(name)} is saved` })
        onClose()
      }}
    >
      <div className="g2">
        {!product && (
          <TextField
            ref={first}
            label="Id"
            mono
            hint="Stays for good"
            value={draft.id}
            error={error('id')}
            onChange={(event) => set({ id: event.target.value })}
          />
        )}
        <TextField
          {...(product && { ref: first })}
          label="Name"
          value={draft.name}
          error={error('name')}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextField
          label="API path"
          mono
          placeholder="/api/notes"
          value={draft.apiPath}
          readOnly={product !== null && product.apiPath !== null}
          hint={product?.apiPath ? 'Stays, because browsers hold cookies for it' : 'Its cookie is sent here and nowhere else'}
          error={error('apiPath')}
          onChange={(event) => set({ apiPath: event.target.value })}
        />
        <TextField
          label="Program"
          mono
          placeholder="notes-backend"
          value={draft.service}
          readOnly={product?.builtIn ?? false}
          hint="Its service key may ask who somebody is"
          error={error('service')}
          onChange={(event) => set({ service: event.target.value })}
        />
        <TextField
          label="Address"
          type="url"
          placeholder="https://"
          value={draft.url}
          error={error('url')}
          onChange={(event) => set({ url: event.target.value })}
        />
        <TextField
          label="Plans"
          hint="Separated by commas"
          value={draft.plans}
          error={error('plans')}
          onChange={(event) => set({ plans: event.target.value })}
        />
        <SelectField
          label="New people get"
          options={roles}
          value={draft.defaultRole}
          onChange={(event) => set({ defaultRole: event.target.value as Role })}
        />
        {product && !product.builtIn && (
          <SelectField
            label="State"
            options={statuses}
            value={draft.status}
            onChange={(event) => set({ status: event.target.value as ProductInput['status'] })}
          />
        )}
      </div>
      <Owners form={form} />
    </CarefulDialog>
  )
}

/** Who to ask about it. */
function Owners({ form: { draft, set } }: { readonly form: ReturnType<typeof useProductForm> }) {
  return (
    <fieldset className="field">
      <legend>Owners</legend>
      {draft.owners.map(({ id, name, stays }) => (
        <Tick
          key={id}
          checked={stays}
          onChange={(next) => set({ owners: draft.owners.map((owner) => (owner.id === id ? { ...owner, stays: next } : owner)) })}
        >
          {cleanLogText(name)}
        </Tick>
      ))}
      <PersonChoice
        label="An owner"
        value=""
        onChange={(person) => {
          if (!person || draft.owners.some(({ id }) => id === person.id)) return
          set({ owners: [...draft.owners, { id: person.id, name: person.name, stays: true }] })
        }}
      />
    </fieldset>
  )
}

/** What is typed, and what it comes to. */
function useProductForm(product: Product | null) {
  const [draft, setDraft] = useState({
    id: product?.id ?? '',
    name: product?.name ?? '',
    apiPath: product?.apiPath ?? '',
    service: product?.service ?? '',
    url: product?.url ?? '',
    status: product?.status ?? 'active',
    plans: product?.plans.join(', ') ?? 'pro',
    defaultRole: product?.defaultRole ?? 'viewer',
    owners: (product?.owners ?? []).map((owner) => ({ ...owner, stays: true })),
  })
  const input: ProductInput = {
    name: draft.name.trim(),
    apiPath: draft.apiPath.trim() || null,
    service: draft.service.trim() || null,
    url: draft.url.trim() || null,
    status: draft.status,
    plans: draft.plans
      .split(',')
      .map((plan) => plan.trim())
      .filter(Boolean),
    defaultRole: draft.defaultRole,
    owners: draft.owners.filter(({ stays }) => stays).map(({ id }) => id),
  }
  return { draft, input, set: (part: Partial<typeof draft>): void => setDraft({ ...draft, ...part }) }
}
