import type { User } from '@console/contracts/people/schemas'
import type { Product } from '@console/contracts/products/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { formatDay } from '@console/ui/format.ts'
import { useNow } from '@console/ui/time-text.tsx'
import { Lock, Plus } from 'lucide-react'
import { RoleMark } from './role-mark.tsx'
import type { GridPlace } from './use-grid-keys.ts'

const soonMs = 7 * 86_400_000

/** What one person may do in one product, as a button that changes it. */
export function MatrixCell({
  user,
  product,
  place,
  denied,
  onOpen,
}: {
  readonly user: User
  readonly product: Product
  readonly place: GridPlace
  readonly denied: string | null
  readonly onOpen: () => void
}) {
  const now = useNow()
  const membership = user.memberships.find(({ productId }) => productId === product.id)
  const fixed = whyFixed(user, product, membership !== undefined) ?? denied
  const name = cleanLogText(user.name || user.email)
  const last = user.lastAdmin && product.id === 'bytelyst-platform'
  const until = membership?.expiresAt ? `until ${formatDay(membership.expiresAt)}` : null
  const below = user.status === 'active' ? until : user.status
  const soon = membership?.expiresAt && now > 0 && Date.parse(membership.expiresAt) - now < soonMs
  const says = [`${name}, ${cleanLogText(product.name)}: ${membership?.role ?? 'no access'}`, until, last ? 'last active admin' : null]
  return (
    <td>
      <button
        {...place}
        type="button"
        className={`mx ${membership?.role ?? 'none'} ${user.status === 'active' ? '' : 'off'}`}
        aria-label={says.filter(Boolean).join(', ')}
        aria-disabled={fixed !== null || undefined}
        title={fixed ?? undefined}
        onClick={() => fixed === null && onOpen()}
      >
        {membership ? (
          <>
            <RoleMark role={membership.role} />
            {membership.role}
            {last && <Lock className="ic s" aria-hidden="true" />}
          </>
        ) : (
          <Plus className="ic s" aria-hidden="true" />
        )}
      </button>
      {membership && below && <span className={`sub ${soon ? 'is-warn fg' : ''}`}>{below}</span>}
    </td>
  )
}

function whyFixed({ status }: User, product: Product, has: boolean): string | null {
  if (status === 'invited') return 'It can be changed once the invite is accepted.'
  if (product.status === 'retired' && !has) return 'The product is retired.'
  return null
}
