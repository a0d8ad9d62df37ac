import { z } from 'zod'
import { ProductId } from '../people/schemas.ts'
import { Id, Instant } from '../shapes.ts'

/** An action id; of a product that is not ours it is whatever its API calls its operations. */
export const ActionId = z.string().regex(/^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*){2}$/, 'is module.noun.verb')

/** A token for programs, without its secret: that is answered once, when it is made. */
export const ApiToken = z.strictObject({
  id: Id,
  name: z.string(),
  /** How the secret begins, to tell tokens apart. */
  begins: z.string(),
  owner: z.strictObject({ id: Id, name: z.string() }),
  productId: ProductId,
  actions: z.array(z.string()),
  createdAt: Instant,
  expiresAt: Instant,
  lastUsedAt: Instant.nullable(),
  lastAddress: z.string().nullable(),
  /** `resting`: its person must set up a second factor first. */
  state: z.enum(['active', 'resting', 'expired', 'revoked']),
})
export type ApiToken = z.infer<typeof ApiToken>
