'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole, usePerson } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { createApiToken, listApiTokens, listOwnApiTokens } from '@console/contracts/api-tokens/actions'
import type { ApiToken } from '@console/contracts/api-tokens/schemas'
import { devopsActions } from '@console/contracts/devops-actions'
import { platformActions } from '@console/contracts/platform-actions'
import { roleAllows } from '@console/contracts/roles'
import { tokenMay } from '@console/contracts/token-may'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { useRef, useState } from 'react'
import { productLabel } from '../../lib/product-words.ts'
import { ActionChoice } from './action-choice.tsx'
import { TokenShownOnce } from './token-shown-once.tsx'

const offered = { 'bytelyst-devops': devopsActions, 'bytelyst-platform': platformActions } as const
type OurProduct = keyof typeof offered
const isOurs = (productId: string): productId is OurProduct => productId in offered
const days = ['7', '30', '90', '365'].map((value) => ({ value, label: `${value} d` }))

/** Makes a token: for one product, some actions, and a time. Its secret is shown here and nowhere else. */
export function MakeTokenDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useConsole()
  const { info } = usePerson()
  const memberships = (info?.memberships ?? []).filter(({ productId }) => isOurs(productId))
  const [form, setForm] = useState({ name: '', productId: memberships[0]?.productId ?? '', days: '90' })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [made, setMade] = useState<{ token: ApiToken; secret: string } | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const role = memberships.find(({ productId }) => productId === form.productId)?.role ?? null
  const actions = isOurs(form.productId)
    ? offered[form.productId].filter((action) => tokenMay(action) && roleAllows(role, action.role))
    : []
  const careful = useCareful(
    () =>
      client.call(createApiToken, {
        body: { name: form.name.trim(), productId: form.productId, actions: [...chosen], expiresInDays: Number(form.days) },
      }),
    [listApiTokens, listOwnApiTokens],
  )
  const trouble = form.name.trim() === '' ? 'Name the program that will use it' : chosen.size === 0 ? 'Choose at least one action' : null
  const read = actions.find(({ id, method, path }) => chosen.has(id) && method === 'GET' && !path.includes(':'))
  if (made) return <TokenShownOnce {...made} example={read?.path ?? '/health'} onClose={onClose} />
  return (
    <CarefulDialog
      careful={careful}
      title="Make an API token"
      sub="For a program of yours: it acts as you, and does what is ticked here."
      button="Make the token"
      trouble={trouble}
      initialFocus={field}
      onClose={onClose}
      onDone={setMade}
    >
      <TextField
        ref={field}
        label="Name"
        hint="What will use it, for example the name of a pipeline"
        autoComplete="off"
        maxLength={80}
        value={form.name}
        onChange={(event) => setForm({ ...form, name: event.target.value })}
      />
      <div className="g2">
        <SelectField
          label="Product"
          options={memberships.map(({ productId }) => ({ value: productId, label: productLabel(productId) }))}
          value={form.productId}
          onChange={(event) => {
            setForm({ ...form, productId: event.target.value })
            setChosen(new Set())
          }}
        />
        <SelectField
          label="Ends after"
          options={days}
          value={form.days}
          onChange={(event) => setForm({ ...form, days: event.target.value })}
        />
      </div>
      <ActionChoice actions={actions} chosen={chosen} onChange={setChosen} />
    </CarefulDialog>
  )
}
