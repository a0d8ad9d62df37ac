import type { SessionInfo } from '@console/contracts/auth/schemas'
import type { NewPasskey, Passkey, PasskeyAnswer, PasskeyOffer, PasskeyQuestion } from '@console/contracts/passkeys/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { PasskeyDoc } from '../../documents.ts'
import type { ChallengeBook } from '../../identity/challenge-book.ts'
import type { Entrance } from '../../identity/entrance.ts'
import { handleOf, type Passkeys, passkeyAlgorithms } from '../../identity/passkeys.ts'
import type { PeopleBook } from '../../identity/people-book.ts'
import { assertFreshFactor, challengeOver } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { SignInSettingsBook } from '../../identity/sign-in-settings.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'
import type { Notify } from '../../mail/notices.ts'

export type PasskeyDeps = {
  readonly passkeys: Passkeys
  readonly people: PeopleBook
  readonly sessions: SessionBook
  readonly throttles: ThrottleBook
  readonly challenges: ChallengeBook
  readonly entrance: Entrance
  readonly notify: Notify
  readonly settings: SignInSettingsBook
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly intend: (requestId: string, actor: { kind: 'person'; id: string; name: string }) => Promise<void>
  readonly now: () => number
}

export function listPasskeys({ signedIn }: PasskeyDeps, ctx: Context): { items: Passkey[]; nextCursor: null } {
  return { items: (signedIn(ctx.actor).user.doc.passkeys ?? []).map(shown), nextCursor: null }
}

export async function offerPasskey(deps: PasskeyDeps, ctx: Context): Promise<PasskeyOffer> {
  const { id, doc } = freshPerson(deps, ctx)
  return {
    challenge: await deps.passkeys.ask(id),
    rpId: deps.passkeys.rpId,
    user: { id: handleOf(id), name: doc.email, displayName: doc.name },
    algorithms: [...passkeyAlgorithms],
    exclude: (doc.passkeys ?? []).map(({ credentialId }) => credentialId),
  }
}

/** Other sessions were made without the new factor, so they end. */
export async function addPasskey(deps: PasskeyDeps, ctx: Context, { name, made }: { name: string; made: NewPasskey }): Promise<Passkey> {
  const me = freshPerson(deps, ctx)
  const { id } = me
  const passkey = await deps.passkeys.add(id, name, made)
  await deps.sessions.endAll(id, { by: id, why: 'passkey added', exceptSid: deps.signedIn(ctx.actor).session.doc.sid })
  deps.notify(me, 'passkey added', ctx)
  return shown(passkey)
}

export async function renamePasskey(deps: PasskeyDeps, ctx: Context, id: string, name: string): Promise<Passkey> {
  const me = freshPerson(deps, ctx)
  const renamed = await deps.passkeys.rename(me.id, id, name)
  if (!renamed) throw noSuchPasskey()
  ctx.tell({ before: { name: renamed.before } })
  return shown(renamed.passkey)
}

export async function removePasskey(deps: PasskeyDeps, ctx: Context, id: string): Promise<void> {
  const me = freshPerson(deps, ctx)
  if (!(await deps.passkeys.remove(me.id, id))) throw noSuchPasskey()
  deps.notify(me, 'passkey removed', ctx)
}

/** Tells whoever is about to sign in, so that no page offers what would be refused. */
export function showPasskeyWay({ settings }: PasskeyDeps): { alone: boolean } {
  return { alone: settings.current().passkeyAlone }
}

export async function askPasskey({ passkeys }: PasskeyDeps): Promise<PasskeyQuestion> {
  return { challenge: await passkeys.ask(null), rpId: passkeys.rpId }
}

/** A passkey stands for password and code. No account is locked for it: there is nothing to guess, and the lock would shut its owner out. */
export async function signInByPasskey(
  deps: PasskeyDeps,
  ctx: Context,
  { answer, challenge }: { answer: PasskeyAnswer; challenge?: string | undefined },
): Promise<SessionInfo> {
  if (challenge === undefined && !deps.settings.current().passkeyAlone)
    throw new AppError('AUTH_WAY_OFF', 403, 'Here a passkey comes after the password. Begin with e-mail and password.')
  const { user, passkey } = await prove(deps, ctx, answer)
  if (challenge !== undefined && (await deps.challenges.find(challenge)) !== user.id) throw challengeOver()
  await deps.intend(ctx.requestId, { kind: 'person', id: user.id, name: user.doc.name })
  const first = challenge === undefined ? [] : [await deps.challenges.begunBy(challenge)]
  if (challenge !== undefined && !(await deps.challenges.finish(challenge))) throw challengeOver()
  const key = passkey.synced ? 'swk' : 'hwk'
  return deps.entrance.enter(ctx, user, [...first, key, 'mfa'])
}

export async function stepUpByPasskey(deps: PasskeyDeps, ctx: Context, answer: PasskeyAnswer): Promise<SessionInfo> {
  const me = deps.signedIn(ctx.actor)
  // Whose key it is is looked at before it is used up: that of another person counts for nothing here.
  if (answer.userHandle !== handleOf(me.user.id)) throw notYours()
  await prove(deps, ctx, answer)
  return deps.entrance.renew(ctx, me)
}

async function prove({ passkeys, throttles }: PasskeyDeps, ctx: Context, answer: PasskeyAnswer) {
  if (!(await throttles.take('address', ctx.address))) throw notYours()
  const proven = await passkeys.prove(answer)
  if (proven.user.doc.status !== 'active') throw notYours()
  return proven
}

function freshPerson({ signedIn, now }: PasskeyDeps, ctx: Context): SignedIn['user'] {
  const me = signedIn(ctx.actor)
  assertFreshFactor(me, now())
  return me.user
}

/** Built field by field, so that no key slips out. */
function shown({ id, name, at, usedAt, synced }: PasskeyDoc): Passkey {
  return { id, name, createdAt: at, lastUsedAt: usedAt, synced }
}

function noSuchPasskey(): AppError {
  return new AppError('FACTOR_NOT_FOUND', 404, 'You have no such passkey.')
}

function notYours(): AppError {
  return new AppError(
    'AUTH_PASSKEY_INVALID',
    401,
    'The passkey is not one that counts here, or there were too many attempts. Use another way, or wait a minute.',
  )
}
