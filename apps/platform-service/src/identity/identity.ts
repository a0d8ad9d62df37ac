import { randomUUID } from 'node:crypto'
import type { NewRow } from '@console/audit-chain/log'
import type { SecretBox } from '@console/tokens/secret-box'
import type { Collections } from '../collections.ts'
import { type AdminGuard, createAdminGuard } from './admin-guard.ts'
import { type ApiTokenBook, createApiTokenBook } from './api-token-book.ts'
import { type ChallengeBook, createChallengeBook } from './challenge-book.ts'
import { type InviteBook, openInviteBook } from './invite-book.ts'
import { createPasskeys, type Passkeys } from './passkeys.ts'
import { createPasswordPolicy, type PasswordPolicy } from './password-policy.ts'
import type { PasswordScorer } from './password-scorer.ts'
import { type Cost, createPasswords, type Passwords } from './passwords.ts'
import { isLastingAdmin, openPeopleBook, type PeopleBook } from './people-book.ts'
import { openProducts, type Products } from './products.ts'
import { createResetBook, type ResetBook } from './reset-book.ts'
import { createSecondFactors, type SecondFactors } from './second-factor.ts'
import { openSessionBook, type SessionBook } from './session-book.ts'
import { openSignInSettings, type SignInSettingsBook } from './sign-in-settings.ts'
import { createThrottleBook, type ThrottleBook, type Throttled, type ThrottleRules } from './throttle-book.ts'
import { createUpstreamFlows, type UpstreamFlows } from './upstream-flows.ts'
import { createUpstreamLinks, type UpstreamLinks } from './upstream-links.ts'

/** People, credentials, sessions: what the modules share, each behind its own interface. */
export type Identity = {
  readonly products: Products
  readonly people: PeopleBook
  readonly invites: InviteBook
  readonly apiTokens: ApiTokenBook
  readonly sessions: SessionBook
  readonly throttles: ThrottleBook
  readonly admins: AdminGuard
  readonly challenges: ChallengeBook
  readonly resets: ResetBook
  readonly secondFactors: SecondFactors
  readonly passkeys: Passkeys
  readonly upstreamFlows: UpstreamFlows
  readonly upstreamLinks: UpstreamLinks
  readonly passwords: Passwords
  readonly policy: PasswordPolicy
  readonly settings: SignInSettingsBook
}
type Options = {
  readonly collections: Collections
  readonly now: () => number
  readonly event: (row: NewRow) => void
  readonly scorer: PasswordScorer
  /** What second factors are sealed with. */
  readonly box: SecretBox
  /** What passkeys are made for, and where they may be used. */
  readonly rpId: string
  readonly origins: readonly string[]
  readonly cost?: Cost | undefined
  readonly throttleRules?: Partial<ThrottleRules> | undefined
}

export async function openIdentity({
  collections,
  now,
  event,
  scorer,
  box,
  rpId,
  origins,
  cost,
  throttleRules,
}: Options): Promise<Identity> {
  const products = await openProducts(collections.products)
  const people = await openPeopleBook({ collections, now })
  const admins = createAdminGuard(collections.system)
  const settings = await openSignInSettings(collections.system, now)
  await admins.reconcile([...people.all()].filter(isLastingAdmin).map(({ id }) => id))
  return {
    products,
    people,
    admins,
    settings,
    invites: await openInviteBook({ collections, now }),
    apiTokens: createApiTokenBook({ apiTokens: collections.apiTokens, now, newId: randomUUID }),
    sessions: await openSessionBook({
      sessions: collections.sessions,
      pastSessions: collections.pastSessions,
      references: collections.references,
      now,
      newId: randomUUID,
      rules: settings.sessionRules,
    }),
    throttles: createThrottleBook({
      throttles: collections.throttles,
      now,
      ...(throttleRules && { rules: throttleRules }),
      onBlock: (throttled) => event(blockRow(throttled)),
    }),
    challenges: createChallengeBook({ challenges: collections.challenges, now }),
    resets: createResetBook({
      resets: collections.resets,
      challenges: collections.challenges,
      minutes: () => settings.current().resetMinutes,
      now,
    }),
    secondFactors: createSecondFactors({ people, box, now }),
    passkeys: createPasskeys({ people, questions: collections.passkeyQuestions, rpId, origins, now, newId: randomUUID }),
    upstreamFlows: createUpstreamFlows({ flows: collections.upstreamFlows, now }),
    upstreamLinks: createUpstreamLinks({ collections, people, now, newId: randomUUID }),
    passwords: createPasswords(cost ? { cost } : {}),
    policy: createPasswordPolicy(
      scorer,
      products.list().map(({ doc }) => doc.name),
    ),
  }
}

function blockRow({ id, doc, untilMs }: Throttled): NewRow {
  return {
    action: 'throttles.throttle.begin',
    actor: { kind: 'service', id: 'platform-service' },
    requestId: 'throttle',
    target: id,
    outcome: 'done',
    ...(doc.kind === 'address' && { address: doc.subject }),
    details: { kind: doc.kind, failures: doc.at.length, until: new Date(untilMs).toISOString() },
  }
}
