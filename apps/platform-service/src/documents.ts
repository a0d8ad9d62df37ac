import type { Role } from '@console/contracts/shapes'
import type { SignInSettings, SigningKey } from '@console/contracts/sign-in-settings/schemas'

/** What lies in the store. Every document has `v`; a reader raises older ones. Times are ISO, UTC, milliseconds. */
export type UserDoc = {
  v: 1
  name: string
  email: string
  status: 'active' | 'disabled'
  disabledReason: string | null
  /** When a disabled person is let in again; without one that is for an admin to do. Came later. */
  disabledUntil?: string | null
  /** PHC string of argon2id; null for somebody who was imported and has chosen none yet. */
  password: string | null
  passwordAt: string
  createdAt: string
  lastSeenAt: string | null
  /** The second factor by code; `step` is the last one that was used, since none is good twice. The seed is sealed. */
  totp?: { seed: string; at: string; step: number }
  /** A seed that was shown and not yet proven. */
  totpOffered?: { seed: string; at: string }
  /** Hashes of the recovery codes that are left. */
  recovery?: string[]
  passkeys?: PasskeyDoc[]
  upstream?: UpstreamDoc[]
}

/** A credential of WebAuthn: its id and its public key (COSE), both base64url. `counter` only rises; synced keys leave it at 0. */
export type PasskeyDoc = {
  id: string
  credentialId: string
  publicKey: string
  counter: number
  name: string
  at: string
  usedAt: string | null
  synced: boolean
}

/** An account at the sign-in provider; issuer and subject are what it is known by, the e-mail is for its person to read. */
export type UpstreamDoc = { id: string; issuer: string; subject: string; email: string | null; at: string; usedAt: string | null }

/**
 * Who has an e-mail: a person, or the open invite that will make one, until it ends (`heldUntil`). Uniqueness lives here. `expiresAt` stands
 * only while the entry is provisional: until the person is written, or until the invite ends.
 */
export type IdentifierDoc = { v: 1; userId: string | null; inviteId: string | null; heldUntil: string | null; expiresAt: string | null }

export type MembershipDoc = { v: 1; userId: string; productId: string; role: Role; plan: string; expiresAt: string | null }

/** `service` is the program that serves the product's API and may ask about its references. What is optional came later. */
export type ProductDoc = {
  v: 1
  name: string
  apiPath: string | null
  service: string | null
  defaultRole: Role
  plans: string[]
  /** Where people open it. */
  url?: string | null
  /** Nobody gets into a retired one; its memberships stay. */
  status?: 'active' | 'retired'
  /** Ids of the people to ask about it. */
  owners?: string[]
  createdAt?: string
}

/**
 * One value of a session; a session keeps its `sid` while its values change. `tie` is the hash of the cookie that must come with it.
 * A value that was replaced still works for ten seconds after `supersededAt`.
 */
export type SessionDoc = {
  v: 1
  sid: string
  userId: string
  tie: string
  createdAt: string
  lastUsedAt: string
  /** The absolute end. */
  expiresAt: string
  factorAt: string
  amr: string[]
  address: string
  device: string
  /** Products whose reference the browser has. */
  products: string[]
  /** A role changed since: new values at the next occasion. */
  renew: boolean
  /** Made by the password alone where a second factor is needed: until there is one, it is good for nothing but making one. */
  enrol?: boolean
  supersededAt: string | null
  endedAt: string | null
  endedBy: string | null
  endedWhy: string | null
}

/** What stays of a session that has ended, under its `sid`: no value, only what an admin is shown. Its document goes at `expiresAt`. */
export type PastSessionDoc = {
  v: 1
  userId: string
  createdAt: string
  lastUsedAt: string
  amr: string[]
  address: string
  device: string
  products: string[]
  endedAt: string
  /** A person, or `platform-service` where it was left alone or was too old. */
  endedBy: string
  endedWhy: string
  expiresAt: string
}

/** A reference is as good as the value of the session that it was made with, and has its tie. */
export type ReferenceDoc = { v: 1; session: string; sid: string; userId: string; productId: string; expiresAt: string }

/** Times of attempts, milliseconds since 1970, oldest first. `subject` is an address, or empty for an account and its e-mail. */
export type ThrottleDoc = { v: 1; kind: 'account' | 'address' | 'reset'; subject: string; at: number[]; expiresAt: string }

export type InviteDoc = {
  v: 1
  kind: 'invite'
  inviteId: string
  email: string
  name: string | null
  memberships: { productId: string; role: Role; plan: string; expiresAt: string | null }[]
  createdAt: string
  createdBy: string
  /** When the link ends. */
  endsAt: string
  /** When the document goes. */
  expiresAt: string
  hours: number
  state: 'open' | 'accepted' | 'revoked'
  /** What became of the mail with the present link. What follows came later. */
  mail?: { outcome: 'sent' | 'failed'; at: string }
  /** When it was accepted or revoked; by whom where that was an admin. */
  settledAt?: string
  settledBy?: string
}

/** A token for programs; its id is the hash of its secret. */
export type ApiTokenDoc = {
  v: 1
  kind: 'api'
  tokenId: string
  userId: string
  name: string
  begins: string
  productId: string
  actions: string[]
  createdAt: string
  lastUsedAt: string | null
  lastAddress: string | null
  revokedAt: string | null
  revokedBy: string | null
  /** When the token ends. */
  endsAt: string
  /** When the document goes. */
  expiresAt: string
}

/**
 * The password was right, or the provider’s word, and a second factor is still to be shown; its id is the hash of what the page holds. `by` came
 * later: without it, it was the password.
 */
export type ChallengeDoc = { v: 1; kind: 'challenge'; userId: string; by?: 'pwd' | 'fed'; expiresAt: string }

/** A link to set a new password; its id is the hash of its token. `origin` is how it came about: a person has one of each. */
export type ResetDoc = {
  v: 1
  kind: 'reset'
  userId: string
  origin: 'admin' | 'forgotten' | 'required' | 'command'
  createdBy: string
  createdAt: string
  expiresAt: string
}

/** What a passkey is asked to sign; its id is the hash of the challenge. `userId` stands where a new one is made. */
export type PasskeyQuestionDoc = { v: 1; kind: 'passkey'; userId: string | null; expiresAt: string }

/**
 * A sign-in at the provider that was begun; its id is the hash of the browser’s cookie. State, nonce and verifier follow from cookie and `salt`
 * together, so neither of the two is worth anything alone. `userId` and `sid` stand where an account is to be linked.
 */
export type UpstreamFlowDoc = {
  v: 1
  kind: 'upstream'
  salt: string
  app: 'devops' | 'admin'
  userId: string | null
  sid: string | null
  /** An invite is to be accepted with what comes back: the hash of its link's token, and the name that was chosen. Came later. */
  invite?: { token: string; name: string }
  expiresAt: string
}

/** While nobody has set up: the hash of the token that may. */
type SetupDoc = { v: 1; kind: 'setup'; token: string; expiresAt: string }
type SetupDoneDoc = { v: 1; kind: 'setup-done'; userId: string; at: string }
/** The active admins of bytelyst-platform whose membership has no end. */
export type AdminsDoc = { v: 1; kind: 'admins'; userIds: string[] }
/** Values that were added since are the defaults. */
export type SignInSettingsDoc = { v: 1; kind: 'sign-in-settings'; settings: Partial<SignInSettings>; at: string; by: string }
export type KeyRingDoc = { v: 1; kind: 'key-ring'; keys: SigningKey[] }
export type SystemDoc = SetupDoc | SetupDoneDoc | AdminsDoc | SignInSettingsDoc | KeyRingDoc
