import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import type { VerifiedRegistrationResponse } from '@simplewebauthn/server'
import { partition } from '../collections.ts'
import type { PasskeyDoc, PasskeyQuestionDoc, UserDoc } from '../documents.ts'
import type { PeopleBook } from './people-book.ts'
import { withoutIdleCodes } from './second-factor.ts'
import { hashOf, newSecret } from './secret-value.ts'
import { lostRace } from './store-errors.ts'

/** The parts of a credential and of an answer, base64url. */
type MadeCredential = { readonly credentialId: string; readonly clientDataJSON: string; readonly attestationObject: string }
type SignedAnswer = {
  readonly credentialId: string
  readonly clientDataJSON: string
  readonly authenticatorData: string
  readonly signature: string
  readonly userHandle: string
}
export type Passkeys = {
  readonly rpId: string
  /** Something to sign, good once; `userId` where a new passkey is to be made. */
  ask(userId: string | null): Promise<string>
  /** Keeps a credential that answers a question asked of this person. @throws AppError AUTH_PASSKEY_INVALID, PASSKEY_LIMIT */
  add(userId: string, name: string, made: MadeCredential): Promise<PasskeyDoc>
  /** What it was called before; null where there is none. */
  rename(userId: string, id: string, name: string): Promise<{ passkey: PasskeyDoc; before: string } | null>
  /** Whether there was one. */
  remove(userId: string, id: string): Promise<boolean>
  /** Whose answer it is. Uses the question up, be the answer right or wrong. @throws AppError AUTH_PASSKEY_INVALID */
  prove(answer: SignedAnswer): Promise<{ user: Stored<UserDoc>; passkey: PasskeyDoc }>
}
type Deps = {
  readonly people: PeopleBook
  readonly questions: Collection<PasskeyQuestionDoc>
  readonly rpId: string
  readonly origins: readonly string[]
  readonly now: () => number
  readonly newId: () => string
}

const lifeMs = 300_000
const most = 10
/** Ed25519, ES256, RS256 as COSE numbers. */
export const passkeyAlgorithms = [-8, -7, -257]

/** What judges answers, two hundred files: loaded with the first question, so that it costs no memory where nobody has a passkey. */
const judges = () => import('@simplewebauthn/server')

/** What an authenticator keeps for a person, and gives back with each answer: their id, which says nothing about them. */
export function handleOf(userId: string): string {
  return Buffer.from(userId).toString('base64url')
}

/** Passkeys (WebAuthn level 3), bound to one domain, with the person verified by the authenticator each time. */
export function createPasskeys({ people, questions, rpId, origins, now, newId }: Deps): Passkeys {
  const iso = (ms = now()) => new Date(ms).toISOString()
  // The library calls it with what the authenticator signed; of several at once, one gets true.
  const take = (userId: string | null) => async (challenge: string) => {
    const stored = await questions.get(partition, hashOf(challenge))
    if (stored?.doc.kind !== 'passkey' || stored.doc.userId !== userId || Date.parse(stored.doc.expiresAt) <= now()) return false
    try {
      await questions.remove(partition, stored.id, stored.etag)
      return true
    } catch (error) {
      if (lostRace(error)) return false
      throw error
    }
  }
  const expected = { expectedOrigin: [...origins], expectedRPID: rpId, requireUserVerification: true }

  return {
    rpId,
    async ask(userId) {
      // By the time of the answer it is there; where it could not be loaded the answer says so.
      judges().catch(() => undefined)
      const challenge = newSecret()
      await questions.insert(partition, hashOf(challenge), { v: 1, kind: 'passkey', userId, expiresAt: iso(now() + lifeMs) })
      return challenge
    },
    async add(userId, name, { credentialId, clientDataJSON, attestationObject }) {
      const { verifyRegistrationResponse } = await judges()
      const response = { id: credentialId, rawId: credentialId, type: 'public-key', clientExtensionResults: {} } as const
      const info = await orInvalid(
        verifyRegistrationResponse({
          ...expected,
          response: { ...response, response: { clientDataJSON, attestationObject } },
          expectedChallenge: take(userId),
          supportedAlgorithmIDs: passkeyAlgorithms,
        }).then(registered),
      )
      const made: PasskeyDoc = {
        id: newId(),
        credentialId: info.credential.id,
        publicKey: Buffer.from(info.credential.publicKey).toString('base64url'),
        counter: info.credential.counter,
        name,
        at: iso(),
        usedAt: null,
        synced: info.credentialDeviceType === 'multiDevice',
      }
      await people.update(userId, (doc) => {
        const { passkeys = [] } = doc
        if (passkeys.some((one) => one.credentialId === made.credentialId)) throw passkeyInvalid()
        if (passkeys.length >= most) throw new AppError('PASSKEY_LIMIT', 409, `You have ${most} passkeys. Take one away first.`)
        return { ...doc, passkeys: [...passkeys, made] }
      })
      return made
    },
    async rename(userId, id, name) {
      let renamed: { passkey: PasskeyDoc; before: string } | null = null
      await people.update(userId, (doc) => {
        const one = doc.passkeys?.find((passkey) => passkey.id === id)
        renamed = one ? { passkey: { ...one, name }, before: one.name } : null
        return one ? { ...doc, passkeys: (doc.passkeys ?? []).map((passkey) => (passkey.id === id ? { ...passkey, name } : passkey)) } : doc
      })
      return renamed
    },
    async remove(userId, id) {
      let found = false
      await people.update(userId, (doc) => {
        const passkeys = (doc.passkeys ?? []).filter((one) => one.id !== id)
        found = passkeys.length < (doc.passkeys ?? []).length
        return found ? withoutIdleCodes({ ...doc, passkeys }) : doc
      })
      return found
    },
    async prove({ credentialId, userHandle, ...signed }) {
      // Any bytes may stand in a handle: only one that is somebody's is looked for in the store.
      const known = people.find(Buffer.from(userHandle, 'base64url').toString())
      const user = known ? await people.read(known.id) : null
      const passkey = user?.doc.passkeys?.find((one) => one.credentialId === credentialId)
      if (!user || !passkey) throw passkeyInvalid()
      const { counter, publicKey } = passkey
      const { verifyAuthenticationResponse } = await judges()
      const { authenticationInfo, verified } = await orInvalid(
        verifyAuthenticationResponse({
          ...expected,
          response: {
            id: credentialId,
            rawId: credentialId,
            type: 'public-key',
            clientExtensionResults: {},
            response: { ...signed, userHandle },
          },
          expectedChallenge: take(null),
          credential: { id: credentialId, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter },
        }),
      )
      if (!verified) throw passkeyInvalid()
      const used = { ...passkey, counter: authenticationInfo.newCounter, usedAt: iso() }
      // Judged against the counter that was read: a second answer on the way at the same time is refused, as is a key that was taken away.
      await people.update(user.id, (doc) => {
        const current = doc.passkeys?.find(({ id }) => id === passkey.id)
        if (!current || (current.counter !== counter && current.counter >= used.counter)) throw passkeyInvalid()
        return { ...doc, passkeys: (doc.passkeys ?? []).map((one) => (one.id === used.id ? used : one)) }
      })
      return { user, passkey: used }
    },
  }
}

function registered(answer: VerifiedRegistrationResponse) {
  if (!answer.verified) throw passkeyInvalid()
  return answer.registrationInfo
}

/** The library says what is wrong by throwing; to the outside all of it is one answer. A store that is away stays what it is. */
async function orInvalid<R>(work: Promise<R>): Promise<R> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && error.name === 'StoreError') throw error
    throw passkeyInvalid(error)
  }
}

function passkeyInvalid(cause?: unknown): AppError {
  return new AppError(
    'AUTH_PASSKEY_INVALID',
    401,
    'The passkey is not one that counts here, or the question that it answered is over. Try again, or use another way.',
    { cause },
  )
}
