import type { SessionInfo } from '@console/contracts/auth/schemas'
import type { Dashboard, UpstreamAnswer, UpstreamLink, UpstreamOutcome } from '@console/contracts/upstream/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { UpstreamDoc, UpstreamFlowDoc } from '../../documents.ts'
import type { ChallengeBook } from '../../identity/challenge-book.ts'
import type { CookieJar } from '../../identity/cookies.ts'
import type { Entrance } from '../../identity/entrance.ts'
import { afterFirstFactor } from '../../identity/first-factor.ts'
import type { InviteBook } from '../../identity/invite-book.ts'
import type { PeopleBook } from '../../identity/people-book.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import { hashOf } from '../../identity/secret-value.ts'
import type { SessionBook } from '../../identity/session-book.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'
import type { UpstreamFlows } from '../../identity/upstream-flows.ts'
import type { UpstreamLinks } from '../../identity/upstream-links.ts'
import { type UpstreamProvider, type UpstreamWord, upstreamInvalid } from '../../identity/upstream-provider.ts'

export type UpstreamDeps = {
  /** Null where none is set up. */
  readonly provider: UpstreamProvider | null
  readonly upstreamFlows: UpstreamFlows
  readonly upstreamLinks: UpstreamLinks
  readonly jar: CookieJar
  readonly people: PeopleBook
  readonly sessions: SessionBook
  readonly throttles: ThrottleBook
  readonly challenges: ChallengeBook
  readonly entrance: Entrance
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly intend: (requestId: string, actor: { kind: 'person'; id: string; name: string }) => Promise<void>
  readonly invites: Pick<InviteBook, 'byToken'>
  /** Makes the person of an invite and lets them in. */
  readonly acceptInvite: (ctx: Context, invite: NonNullable<UpstreamFlowDoc['invite']>, word: UpstreamWord) => Promise<SessionInfo>
  readonly now: () => number
}

export async function beginUpstream(deps: UpstreamDeps, ctx: Context, app: Dashboard): Promise<{ url: string }> {
  return begin(deps, ctx, { app, userId: null, sid: null })
}

/** A factor was shown for this: with the account linked, whoever has it comes in without the password. */
export async function beginUpstreamLink(deps: UpstreamDeps, ctx: Context, app: Dashboard): Promise<{ url: string }> {
  const me = deps.signedIn(ctx.actor)
  assertFreshFactor(me, deps.now())
  return begin(deps, ctx, { app, userId: me.user.id, sid: me.session.doc.sid })
}

/** Whoever holds the link goes to the provider with it; what binds the account to the invite is this browser's cookie. */
export async function beginUpstreamInvite(
  deps: UpstreamDeps,
  ctx: Context,
  { token, name, app }: { readonly token: string; readonly name: string; readonly app: Dashboard },
): Promise<{ url: string }> {
  if (!(await deps.throttles.take('address', ctx.address)))
    throw new AppError('RATE_LIMITED', 429, 'Too many attempts. Wait a minute.', { headers: { 'retry-after': '60' } })
  await deps.invites.byToken(token)
  return begin(deps, ctx, { app, userId: null, sid: null, invite: { token: hashOf(token), name } })
}

async function begin(
  deps: UpstreamDeps,
  ctx: Context,
  flow: Pick<UpstreamFlowDoc, 'app' | 'userId' | 'sid' | 'invite'>,
): Promise<{ url: string }> {
  const provider = providerOf(deps)
  const { cookie, secrets } = await deps.upstreamFlows.begin(flow)
  const url = await provider.begin(secrets)
  ctx.setHeader('set-cookie', deps.jar.upstream(cookie, deps.upstreamFlows.lifeSec))
  return { url }
}

/** Only the browser that began it can finish it, once. What it was begun for stands in the store, not in what came back. */
export async function finishUpstream(deps: UpstreamDeps, ctx: Context, answer: UpstreamAnswer): Promise<UpstreamOutcome> {
  const provider = providerOf(deps)
  if (!(await deps.throttles.take('address', ctx.address))) throw upstreamInvalid()
  const cookie = ctx.cookie(deps.jar.names.upstream)
  ctx.setHeader('set-cookie', deps.jar.upstream(null, 0))
  const begun = cookie === undefined ? null : await deps.upstreamFlows.take(cookie, answer.state)
  if (!begun) throw upstreamInvalid()
  const word = await provider.finish(answer, begun.secrets)
  const { flow } = begun
  ctx.tell({ purpose: flow.invite ? 'invite' : flow.userId === null ? 'sign-in' : 'link', issuer: word.issuer, subject: word.subject })
  if (word.emailVerified === false)
    throw new AppError(
      'UPSTREAM_EMAIL_UNVERIFIED',
      403,
      'The provider has not verified the e-mail of that account. Verify it there, then begin anew.',
    )
  if (flow.invite) return { done: 'signed-in', app: flow.app, session: await deps.acceptInvite(ctx, flow.invite, word) }
  return flow.userId === null ? enter(deps, ctx, flow, word) : link(deps, ctx, flow, word)
}

async function enter(deps: UpstreamDeps, ctx: Context, { app }: UpstreamFlowDoc, word: UpstreamWord): Promise<UpstreamOutcome> {
  const found = await deps.upstreamLinks.find(word)
  if (found?.user.doc.status !== 'active')
    throw new AppError(
      'AUTH_UPSTREAM_UNKNOWN',
      403,
      'That account signs in nobody here. Sign in another way and link it in your profile, or ask an admin.',
    )
  const { user } = found
  await deps.intend(ctx.requestId, { kind: 'person', id: user.id, name: user.doc.name })
  await deps.upstreamLinks.used(user.id, found.link.id)
  const result = await afterFirstFactor(deps, ctx, user, 'fed')
  return 'challenge' in result ? { done: 'challenged', app, challenge: result } : { done: 'signed-in', app, session: result }
}

/** The session that began it must be the same person’s still, and live: whoever was disabled meanwhile gains nothing. */
async function link(deps: UpstreamDeps, ctx: Context, flow: UpstreamFlowDoc, word: UpstreamWord): Promise<UpstreamOutcome> {
  const { sessions, people, upstreamLinks, intend } = deps
  const session = flow.sid === null ? null : await sessions.current(flow.sid)
  const user = session && (await people.read(session.doc.userId))
  if (!session || session.doc.userId !== flow.userId || user?.doc.status !== 'active') throw upstreamInvalid()
  await intend(ctx.requestId, { kind: 'person', id: session.doc.userId, name: user.doc.name })
  await upstreamLinks.add(session.doc.userId, word)
  return { done: 'linked', app: flow.app }
}

export function listUpstreamLinks({ signedIn }: UpstreamDeps, ctx: Context): { items: UpstreamLink[]; nextCursor: null } {
  return { items: (signedIn(ctx.actor).user.doc.upstream ?? []).map(shown), nextCursor: null }
}

export async function removeUpstreamLink(deps: UpstreamDeps, ctx: Context, id: string): Promise<void> {
  const me = deps.signedIn(ctx.actor)
  assertFreshFactor(me, deps.now())
  const gone = await deps.upstreamLinks.remove(me.user.id, id)
  if (!gone) throw new AppError('FACTOR_NOT_FOUND', 404, 'You have linked no such account.')
  ctx.tell({ issuer: gone.issuer, subject: gone.subject })
}

function shown({ id, issuer, email, at, usedAt }: UpstreamDoc): UpstreamLink {
  return { id, issuer, email, createdAt: at, lastUsedAt: usedAt }
}

function providerOf({ provider }: UpstreamDeps): UpstreamProvider {
  if (!provider) throw new AppError('UPSTREAM_OFF', 404, 'No sign-in provider is set up here.')
  return provider
}
