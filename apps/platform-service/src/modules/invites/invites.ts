import type { SessionInfo } from '@console/contracts/auth/schemas'
import type { Invite } from '@console/contracts/people/schemas'
import type { Role } from '@console/contracts/shapes'
import type { SignInSettings } from '@console/contracts/sign-in-settings/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { InviteDoc } from '../../documents.ts'
import type { AdminGuard } from '../../identity/admin-guard.ts'
import type { Entrance } from '../../identity/entrance.ts'
import type { InviteBook } from '../../identity/invite-book.ts'
import type { PasswordPolicy } from '../../identity/password-policy.ts'
import type { Passwords } from '../../identity/passwords.ts'
import { isLastingAdmin, isLive, type PeopleBook, type Person } from '../../identity/people-book.ts'
import type { Products } from '../../identity/products.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import { hashOf } from '../../identity/secret-value.ts'
import type { SignInSettingsBook } from '../../identity/sign-in-settings.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'
import type { UpstreamLinks } from '../../identity/upstream-links.ts'
import { inviteLetter } from '../../mail/letters.ts'
import type { Mailed, Mailer } from '../../mail/mailer.ts'
import { inviteOf } from './invite-list.ts'

type Wish = { productId: string; role: Role; plan?: string | undefined; expiresAt?: string | null | undefined }
type InviteHandedOver = { invite: Invite; link: string | null } & Mailed
export type InviteDeps = {
  readonly invites: InviteBook
  readonly people: PeopleBook
  readonly admins: AdminGuard
  readonly passwords: Passwords
  readonly policy: PasswordPolicy
  readonly throttles: ThrottleBook
  readonly entrance: Entrance
  readonly upstreamLinks: UpstreamLinks
  readonly settings: SignInSettingsBook
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly intend: (requestId: string, actor: { kind: 'person'; id: string; name: string }) => Promise<void>
  readonly checkedWish: (productId: string, wish: Wish) => Promise<{ plan: string; expiresAt: string | null }>
  readonly products: Products
  readonly mailer: Mailer
  readonly adminWebUrl: string
  readonly newId: () => string
  readonly now: () => number
}

const defaultHours = 72

export async function createInvite(
  deps: InviteDeps,
  ctx: Context,
  {
    email,
    name,
    memberships,
    expiresInHours,
  }: { email: string; name?: string | undefined; memberships: Wish[]; expiresInHours?: number | undefined },
): Promise<InviteHandedOver> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  assertInvitable(deps.settings.current(), email, expiresInHours)
  if (new Set(memberships.map(({ productId }) => productId)).size !== memberships.length)
    throw new AppError('INPUT_INVALID', 400, 'body.memberships: names each product once.')
  const checked = await Promise.all(
    memberships.map(async (wish) => ({ productId: wish.productId, role: wish.role, ...(await deps.checkedWish(wish.productId, wish)) })),
  )
  const { invite, token } = await deps.invites.create({
    inviteId: deps.newId(),
    email,
    name: name ?? null,
    memberships: checked,
    createdBy: ctx.actor.name,
    hours: expiresInHours ?? Math.min(defaultHours, deps.settings.current().inviteHours),
  })
  return handOver(deps, ctx, invite, token)
}

/** @throws AppError INPUT_INVALID for a domain or a life that the settings do not allow */
function assertInvitable({ inviteDomains, inviteHours }: SignInSettings, email: string, hours: number | undefined): void {
  const domain = email.slice(email.lastIndexOf('@') + 1)
  if (inviteDomains.length > 0 && !inviteDomains.includes(domain))
    throw new AppError('INPUT_INVALID', 400, `body.email: only people of ${inviteDomains.join(', ')} are invited. Settings say so.`)
  if (hours !== undefined && hours > inviteHours)
    throw new AppError('INPUT_INVALID', 400, `body.expiresInHours: a link is good for at most ${inviteHours} h. Settings say so.`)
}

export async function renewInvite(deps: InviteDeps, ctx: Context, id: string): Promise<InviteHandedOver> {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  const settings = deps.settings.current()
  const known = deps.invites.find(id)
  if (known) assertInvitable(settings, known.email, undefined)
  const { invite, token } = await deps.invites.renew(id, settings.inviteHours)
  return handOver(deps, ctx, invite, token)
}

/** Mailed, the link is the invited person's alone; else whoever invites hands it over. */
async function handOver(deps: InviteDeps, ctx: Context, invite: InviteDoc, token: string): Promise<InviteHandedOver> {
  const { invites, mailer, products, now } = deps
  const link = linkOf(deps, token)
  const letter = inviteLetter({
    to: invite.email,
    name: invite.name,
    by: ctx.actor.name,
    link,
    access: invite.memberships.map(({ productId, role }) => ({ product: products.get(productId)?.name ?? productId, role })),
    endsAt: invite.endsAt,
  })
  const mailed = await mailer.deliver(letter, { kind: 'invite', target: invite.inviteId, requestId: ctx.requestId })
  // It may have been accepted or revoked by now; that it was mailed is then of no matter.
  const shown = mailed.mail === 'off' ? invite : await invites.mailed(invite.inviteId, mailed.mail).catch(() => invite)
  return { invite: inviteOf(shown, now()), link: mailed.mail === 'sent' ? null : link, ...mailed }
}

export async function showInvite(deps: InviteDeps, ctx: Context, token: string) {
  const { email, name, memberships, endsAt } = await guarded(deps, ctx, token)
  return { email, name, memberships, expiresAt: endsAt }
}

/** With a password of their own. */
export async function acceptInvite(
  deps: InviteDeps,
  ctx: Context,
  given: { token: string; name: string; password: string },
): Promise<{ userId: string }> {
  const { people, passwords, policy, entrance } = deps
  const invite = await guarded(deps, ctx, given.token)
  await policy.check(given.password, [invite.email, given.name])
  const password = await passwords.hash(given.password)
  const { name } = given
  const person = await becomePerson(deps, ctx, { invite, token: hashOf(given.token), name }, (made) => people.create({ ...made, password }))
  await entrance.enter(ctx, person, ['pwd'])
  return { userId: person.id }
}

/**
 * With an account at the sign-in provider and no password. The link brought them there, so the token is what invites: which e-mail the account
 * has is of no matter. @throws AppError INVITE_NOT_FOUND, UPSTREAM_TAKEN
 */
export async function acceptInviteByProvider(
  deps: InviteDeps,
  ctx: Context,
  { token, name }: { readonly token: string; readonly name: string },
  account: Parameters<UpstreamLinks['bound']>[1],
): Promise<SessionInfo> {
  const { people, upstreamLinks, entrance } = deps
  const invite = await deps.invites.byHash(token)
  const person = await becomePerson(deps, ctx, { invite, token, name }, (made) =>
    upstreamLinks.bound(made.id, account, (upstream) => people.create({ ...made, password: null, upstream })),
  )
  return entrance.enter(ctx, person, ['fed'])
}

type Making = Omit<Parameters<PeopleBook['create']>[0], 'password'>

/** Makes the person. Of several at once the one that takes the e-mail goes on. */
async function becomePerson(
  deps: InviteDeps,
  ctx: Context,
  { invite, token, name }: { readonly invite: InviteDoc; readonly token: string; readonly name: string },
  create: (made: Making) => Promise<Person>,
): Promise<Person> {
  const { admins, invites, now } = deps
  const id = deps.newId()
  await deps.intend(ctx.requestId, { kind: 'person', id, name })
  const memberships = invite.memberships.filter((membership) => isLive(membership, now()))
  const { email, inviteId } = invite
  const person = await create({ id, name, email, memberships, inviteId }).catch(async (error: unknown) => {
    // Whoever was faster used it up.
    if (error instanceof AppError) await invites.byHash(token)
    throw error
  })
  if (isLastingAdmin(person)) await admins.hold(id)
  // The person is there: an invite that cannot be marked is found used by its e-mail.
  await invites.accepted(inviteId).catch(() => undefined)
  return person
}

/** A link is 256 bits and cannot be guessed; those who try all the same are slowed down. @throws AppError INVITE_NOT_FOUND */
async function guarded({ throttles, invites }: InviteDeps, ctx: Context, token: string): Promise<InviteDoc> {
  if (!(await throttles.take('address', ctx.address)))
    throw new AppError('RATE_LIMITED', 429, 'Too many attempts. Wait a minute.', { headers: { 'retry-after': '60' } })
  return invites.byToken(token)
}

/** In the fragment: a browser sends it to no server, so it is in nobody's log. */
function linkOf({ adminWebUrl }: InviteDeps, token: string): string {
  return `${adminWebUrl}/invite#${token}`
}
