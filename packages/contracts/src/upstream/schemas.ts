import { z } from 'zod'
import { Challenge, SessionInfo } from '../auth/schemas.ts'
import { Id, Instant } from '../shapes.ts'

/** The dashboard that a sign-in was begun at, and goes back to. */
export const Dashboard = z.enum(['devops', 'admin'])
export type Dashboard = z.infer<typeof Dashboard>

/** What the provider is called on the button; null where none is set up. */
export const UpstreamProvider = z.strictObject({ name: z.string().nullable() })
export type UpstreamProvider = z.infer<typeof UpstreamProvider>

/** Where the browser goes next: the provider's own page. */
export const UpstreamBegun = z.strictObject({ url: z.string() })
export type UpstreamBegun = z.infer<typeof UpstreamBegun>

/** What the provider sent the browser back with. `iss` is who it says it is (RFC 9207), where it says so. */
export const UpstreamAnswer = z.strictObject({
  code: z.string().min(1).max(4_000),
  state: z.string().min(1).max(200),
  iss: z.string().min(1).max(500).optional(),
})
export type UpstreamAnswer = z.infer<typeof UpstreamAnswer>

/** What came of it: signed in, a second factor to be shown first, or one more way to sign in. */
export const UpstreamOutcome = z.union([
  z.strictObject({ done: z.literal('signed-in'), app: Dashboard, session: SessionInfo }),
  z.strictObject({ done: z.literal('challenged'), app: Dashboard, challenge: Challenge }),
  z.strictObject({ done: z.literal('linked'), app: Dashboard }),
])
export type UpstreamOutcome = z.infer<typeof UpstreamOutcome>

/** An account at the provider that signs a person in. The e-mail is what the provider said when it was linked; nobody is found by it. */
export const UpstreamLink = z.strictObject({
  id: Id,
  issuer: z.string(),
  email: z.string().nullable(),
  createdAt: Instant,
  lastUsedAt: Instant.nullable(),
})
export type UpstreamLink = z.infer<typeof UpstreamLink>
