import type { Membership } from '@console/contracts/people/schemas'

type Wish = {
  readonly productId: string
  readonly role: string
  readonly plan?: string | undefined
  readonly expiresAt?: string | null | undefined
}

/** Memberships in one cell: `product:role:plan`, then `@` and the end where there is one; several are parted by `; `. */
export function textOfMemberships(memberships: readonly Membership[]): string {
  return memberships
    .map(
      ({ productId, role, plan, expiresAt }) =>
        `${productId}:${role}:${encodeURIComponent(plan)}${expiresAt === null ? '' : `@${expiresAt}`}`,
    )
    .join('; ')
}

/** The other way; the plan may be left out. What is no membership comes out as one that no schema takes. */
export function membershipsOf(text: string): Wish[] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [named = '', expiresAt] = part.split(/@(.*)/s)
      const [productId = '', role = '', plan] = named.split(':')
      return { productId, role, ...(plan && { plan: decoded(plan) }), ...(expiresAt !== undefined && { expiresAt }) }
    })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
