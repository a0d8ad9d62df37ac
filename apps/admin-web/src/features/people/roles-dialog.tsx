'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { removeMembership, setMembership } from '@console/contracts/people/actions'
import type { User } from '@console/contracts/people/schemas'
import type { Role } from '@console/contracts/shapes'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { SelectField } from '@console/ui/field.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useState } from 'react'
import { personReads } from '../../lib/person-reads.ts'
import { useProducts } from '../../lib/use-products.ts'

const roles = ['none', 'viewer', 'operator', 'admin'].map((value) => ({ value, label: value === 'none' ? 'no access' : value }))

/** The roles of a person in every product, at one glance. */
export function RolesDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const { client } = useConsole()
  const toast = useToast()
  const products = useProducts()
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({})
  const name = cleanLogText(user.name || user.email)
  const roleIn = (productId: string): string => user.memberships.find((membership) => membership.productId === productId)?.role ?? 'none'
  const roleAfter = (productId: string): string => chosen[productId] ?? roleIn(productId)
  const careful = useCareful(async () => {
    for (const { id: productId } of products) {
      const role = roleAfter(productId)
      if (role === roleIn(productId)) continue
      const params = { userId: user.id, productId }
      if (role === 'none') await client.call(removeMembership, { params })
      else await client.call(setMembership, { params, body: { role: role as Role } })
    }
  }, personReads)
  return (
    <CarefulDialog
      careful={careful}
      title={`Roles of ${name}`}
      button="Save roles"
      trouble={user.lastAdmin && roleAfter('bytelyst-platform') !== 'admin' ? 'The last active platform admin stays' : null}
      troubleShown
      onClose={onClose}
      onDone={() => {
        toast({ kind: 'ok', title: `Done for ${name}` })
        onClose()
      }}
    >
      <div className="g2">
        {products.map(({ id, label }) => (
          <SelectField
            key={id}
            label={label}
            options={roles}
            value={roleAfter(id)}
            onChange={(event) => setChosen({ ...chosen, [id]: event.target.value })}
          />
        ))}
      </div>
    </CarefulDialog>
  )
}
