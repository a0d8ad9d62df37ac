import type { SessionInfo } from '@console/contracts/auth/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import { partition } from '../../collections.ts'
import type { SystemDoc } from '../../documents.ts'
import type { AdminGuard } from '../../identity/admin-guard.ts'
import type { Entrance } from '../../identity/entrance.ts'
import type { PasswordPolicy } from '../../identity/password-policy.ts'
import type { Passwords } from '../../identity/passwords.ts'
import { isLastingAdmin, type PeopleBook } from '../../identity/people-book.ts'
import { devopsProduct, platformProduct } from '../../identity/products.ts'
import { hashOf, newSecret, sameHash } from '../../identity/secret-value.ts'
import { lostRace } from '../../identity/store-errors.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'

export type SetupDeps = {
  readonly system: Collection<SystemDoc>
  readonly people: PeopleBook
  readonly admins: AdminGuard
  readonly passwords: Passwords
  readonly policy: PasswordPolicy
  readonly throttles: ThrottleBook
  readonly entrance: Entrance
  readonly intend: (requestId: string, actor: { kind: 'person'; id: string; name: string }) => Promise<void>
  readonly newId: () => string
  readonly now: () => number
}

const pendingId = 'setup'
const doneId = 'setup-done'
const lifetimeMs = 3_600_000

export async function isSetupRequired({ system }: Pick<SetupDeps, 'system'>): Promise<boolean> {
  return (await system.get(partition, doneId)) === null
}

/**
 * Makes the token of this start, as long as nobody has set up. Answers it, to be shown to whoever started the program, or null.
 * @param given the token of the environment
 */
export async function offerSetup(deps: Pick<SetupDeps, 'system' | 'people' | 'now'>, given: string | undefined): Promise<string | null> {
  const { system, people, now } = deps
  if (!(await isSetupRequired(deps))) return null
  const [admin] = [...people.all()].filter(isLastingAdmin)
  if (admin) {
    await finish(deps, admin.id)
    return null
  }
  const token = given ?? newSecret('bls_')
  const doc: SystemDoc = { v: 1, kind: 'setup', token: hashOf(token), expiresAt: new Date(now() + lifetimeMs).toISOString() }
  const before = await system.get(partition, pendingId)
  await (before ? system.replace(partition, pendingId, doc, before.etag) : system.insert(partition, pendingId, doc))
  return token
}

/** The first admin, of both products. Of several at once the one that takes the setup document away goes on. */
export async function runSetup(
  deps: SetupDeps,
  ctx: Context,
  { token, email, password, name }: { token: string; email: string; password: string; name: string },
): Promise<SessionInfo> {
  const { system, people, admins, passwords, policy, throttles, entrance } = deps
  if (!(await isSetupRequired(deps))) throw done()
  if (!(await throttles.take('address', ctx.address)))
    throw new AppError('RATE_LIMITED', 429, 'Too many attempts. Wait a minute.', { headers: { 'retry-after': '60' } })
  const pending = await pendingSetup(deps, token)
  await policy.check(password, [email, name])
  const hash = await passwords.hash(password)
  const id = deps.newId()
  await deps.intend(ctx.requestId, { kind: 'person', id, name })
  await system.remove(partition, pendingId, pending.etag).catch((error: unknown) => {
    throw lostRace(error) ? done() : error
  })
  try {
    const memberships = [platformProduct, devopsProduct].map(
      (productId) => ({ productId, role: 'admin', plan: 'pro', expiresAt: null }) as const,
    )
    await people.create({ id, name, email, password: hash, memberships, inviteId: null, alone: true })
    await admins.hold(id)
    await finish(deps, id)
  } catch (error) {
    // Nobody was made: the same token may be used again.
    if (!people.find(id)) await system.insert(partition, pendingId, pending.doc).catch(() => undefined)
    throw error
  }
  const user = await people.read(id)
  if (!user) throw new Error('the first admin is gone')
  return entrance.enterFirst(ctx, user, ['pwd'])
}

/** @throws AppError SETUP_TOKEN_INVALID */
async function pendingSetup({ system, now }: SetupDeps, token: string): Promise<Stored<SystemDoc>> {
  const pending = await system.get(partition, pendingId)
  const doc = pending?.doc.kind === 'setup' ? pending.doc : null
  if (!pending || !doc || !sameHash(doc.token, hashOf(token)))
    throw new AppError(
      'SETUP_TOKEN_INVALID',
      403,
      'That token was not made by this start. Copy the newest line that begins with “setup token”.',
    )
  if (Date.parse(doc.expiresAt) <= now())
    throw new AppError('SETUP_TOKEN_INVALID', 403, 'That token is older than an hour. Start platform-service again: it prints a new one.')
  return pending
}

async function finish({ system, now }: Pick<SetupDeps, 'system' | 'now'>, userId: string): Promise<void> {
  const doc: SystemDoc = { v: 1, kind: 'setup-done', userId, at: new Date(now()).toISOString() }
  await system.insert(partition, doneId, doc).catch((error: unknown) => {
    if (!lostRace(error)) throw error
  })
}

function done(): AppError {
  return new AppError('SETUP_DONE', 404, 'This console is set up already. Sign in, or ask an admin for an invite.')
}
