import type { SessionInfo } from '@console/contracts/auth/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Stored } from '@console/store/port'
import type { UserDoc } from '../documents.ts'
import type { CookieJar } from './cookies.ts'
import { deviceOf } from './device-of.ts'
import type { LiveSession } from './judge-session.ts'
import { factorsOf, isLive, type PeopleBook } from './people-book.ts'
import type { Products } from './products.ts'
import type { SignedIn } from './recognition.ts'
import { mayOnlyEnrol, mustEnrol } from './second-factor-rule.ts'
import type { Opened, ProductPath, SessionBook } from './session-book.ts'
import type { SignInSettingsBook } from './sign-in-settings.ts'

/**
 * How somebody showed who they are (RFC 8176, and `recovery` for a recovery code, `fed` for a sign-in provider’s word); a passkey is a key in
 * hardware or one that is synced.
 */
type Factor = 'pwd' | 'fed' | 'otp' | 'recovery' | 'hwk' | 'swk' | 'mfa'
export type Entrance = {
  /** A new session and its cookies; good for a second factor only, where one is needed and missing. */
  enter(ctx: Context, user: Stored<UserDoc>, amr: readonly Factor[]): Promise<SessionInfo>
  /** The session with which a console begins is a whole one: the first admin sets a second factor up before the second sign-in. */
  enterFirst(ctx: Context, user: Stored<UserDoc>, amr: readonly Factor[]): Promise<SessionInfo>
  /** New values for a session whose factor was just shown. */
  renew(ctx: Context, signedIn: SignedIn): Promise<SessionInfo>
  /** Who is signed in; sets what a changed role or a new membership makes due. */
  show(ctx: Context, signedIn: SignedIn): Promise<SessionInfo>
  /** Takes the cookies back. */
  leave(ctx: Context, session: LiveSession): Promise<void>
}
type Deps = {
  readonly sessions: SessionBook
  readonly people: PeopleBook
  readonly products: Products
  readonly jar: CookieJar
  readonly settings: SignInSettingsBook
  readonly csrf: (sid: string) => string
  readonly now: () => number
}

/** Sets and takes back cookies; everything that answers a `SessionInfo` goes through here. */
export function createEntrance({ sessions, people, products, jar, settings, csrf, now }: Deps): Entrance {
  const liveMemberships = async (userId: string) => (await people.memberships(userId)).filter((membership) => isLive(membership, now()))
  /** A session that is good for a second factor only gets no reference to any product. */
  const pathsFor = async (userId: string, enrol: boolean): Promise<ProductPath[]> =>
    enrol ? [] : products.pathsOf((await liveMemberships(userId)).map(({ productId }) => productId))

  function give(ctx: Context, { session, values }: Pick<Opened, 'session' | 'values'>): void {
    const leftSec = Math.floor((sessions.absoluteEnd(session) - now()) / 1_000)
    for (const cookie of jar.set(values, leftSec)) ctx.setHeader('set-cookie', cookie)
  }

  async function infoOf(session: LiveSession, user: Stored<UserDoc>): Promise<SessionInfo> {
    const memberships = (await liveMemberships(user.id)).map(({ productId, role, plan, expiresAt }) => ({
      productId,
      role,
      plan,
      expiresAt,
    }))
    return {
      user: { id: user.id, name: user.doc.name, email: user.doc.email },
      memberships,
      csrfToken: csrf(session.doc.sid),
      expiresAt: new Date(sessions.idleEnd(session)).toISOString(),
      endsAt: new Date(sessions.absoluteEnd(session)).toISOString(),
      factorAt: session.doc.factorAt,
      factors: factorsOf(user.doc),
      ...(mayOnlyEnrol(session, user) && { enrol: true as const }),
    }
  }

  async function open(ctx: Context, user: Stored<UserDoc>, amr: readonly Factor[], enrol: boolean): Promise<SessionInfo> {
    const opened = await sessions.open({
      userId: user.id,
      amr: [...amr],
      address: ctx.address,
      device: deviceOf(ctx.userAgent),
      enrol,
      paths: await pathsFor(user.id, enrol),
    })
    give(ctx, opened)
    return infoOf(opened.session, user)
  }

  return {
    async enter(ctx, user, amr) {
      return open(ctx, user, amr, await mustEnrol({ settings, people, now }, user))
    },
    enterFirst: (ctx, user, amr) => open(ctx, user, amr, false),
    async renew(ctx, { session, user }) {
      const paths = await pathsFor(user.id, mayOnlyEnrol(session, user))
      // A value that was replaced a moment ago has a successor: that one is renewed, so that a session never has two.
      for (let left = 5; left > 0; left -= 1) {
        const newest = await sessions.current(session.doc.sid)
        if (!newest) break
        const opened = await sessions.renew(newest, { factor: true, paths })
        if (!opened) continue
        give(ctx, opened)
        return infoOf(opened.session, user)
      }
      throw new AppError('AUTH_REQUIRED', 401, 'Your session has ended meanwhile. Sign in again.')
    },
    async show(ctx, { session, user }) {
      if (session.superseded) return infoOf(session, user)
      const paths = await pathsFor(user.id, mayOnlyEnrol(session, user))
      const isDue = paths.some(({ productId }) => !session.doc.products.includes(productId))
      if (session.doc.renew || isDue) {
        const opened = await sessions.renew(session, { factor: false, paths })
        if (opened) give(ctx, opened)
        return infoOf(opened?.session ?? session, user)
      }
      return infoOf(session, user)
    },
    async leave(ctx, session) {
      const paths = products.pathsOf(session.doc.products)
      for (const cookie of jar.clear(paths.map(({ apiPath }) => apiPath))) ctx.setHeader('set-cookie', cookie)
    },
  }
}
