import { z } from 'zod'
import { Id, Instant } from '../shapes.ts'

const Base64Url = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/)
const CredentialId = Base64Url(1_400)

/** A passkey as its person sees it. */
export const Passkey = z.strictObject({
  id: Id,
  name: z.string(),
  createdAt: Instant,
  lastUsedAt: Instant.nullable(),
  /** Kept by a provider and shared between devices. */
  synced: z.boolean(),
})
export type Passkey = z.infer<typeof Passkey>

export const PasskeyName = z.string().trim().min(1).max(60)

/** What an authenticator is asked to make a key for; the challenge is good once, for five minutes. */
export const PasskeyOffer = z.strictObject({
  challenge: z.string(),
  rpId: z.string(),
  user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  /** COSE numbers, the preferred one first. */
  algorithms: z.array(z.int()),
  /** Credentials that the person has already. */
  exclude: z.array(z.string()),
})
export type PasskeyOffer = z.infer<typeof PasskeyOffer>

/** What an authenticator is asked to sign; good once, for five minutes. */
export const PasskeyQuestion = z.strictObject({ challenge: z.string(), rpId: z.string() })
export type PasskeyQuestion = z.infer<typeof PasskeyQuestion>

/** A new credential, as WebAuthn calls its parts. */
export const NewPasskey = z.strictObject({
  credentialId: CredentialId,
  clientDataJSON: Base64Url(4_000),
  attestationObject: Base64Url(20_000),
})
export type NewPasskey = z.infer<typeof NewPasskey>

/** An answer to a question. `userHandle` says who it claims to be; the signature has to bear it out. */
export const PasskeyAnswer = z.strictObject({
  credentialId: CredentialId,
  clientDataJSON: Base64Url(4_000),
  authenticatorData: Base64Url(4_000),
  signature: Base64Url(4_000),
  userHandle: Base64Url(100),
})
export type PasskeyAnswer = z.infer<typeof PasskeyAnswer>
