import { type Collections, partition } from '../apps/platform-service/src/collections.ts'
import type { IdentifierDoc, MembershipDoc, ProductDoc, SessionDoc, UserDoc } from '../apps/platform-service/src/documents.ts'
import { identifierId } from '../apps/platform-service/src/identity/email-claims.ts'
import { hashOf } from '../apps/platform-service/src/identity/secret-value.ts'
import type { Collection, Doc } from '../packages/store/src/port.ts'

export type Size = { readonly people: number; readonly products: number; readonly membershipsEach: number; readonly sessions: number }
const roles = ['viewer', 'operator', 'admin'] as const
const firsts = ['Ada', 'Björn', 'Chloé', 'Dmitri', 'Emeka', 'Fatima', 'Grace', 'Haruto', 'Inês', 'José']
const lasts = ['Lovelace', 'Müller', 'Nguyễn', 'Okafor', 'Petrov', 'Quiroga', 'Rossi', 'Sato', 'Tanaka', 'Usman']
const dayMs = 86_400_000

/** Writes people, products, memberships and sessions as the service itself would have, straight into its store. */
export async function fillIdentity(collections: Collections, size: Size, nowMs: number): Promise<void> {
  const iso = (ms: number): string => new Date(ms).toISOString()
  const at = iso(nowMs)
  const count = (n: number): number[] => Array.from({ length: n }, (_, index) => index)
  const person = (n: number): string => `bench-person-${n}`
  const mail = (n: number): string => `person-${n}@bench.example`
  const product = (n: number): string => `bench-product-${n}`
  await write<ProductDoc>(
    collections.products,
    count(size.products).map((n) => [
      product(n),
      { v: 1, name: `Product ${n}`, apiPath: null, service: null, defaultRole: 'viewer', plans: ['free', 'pro'], createdAt: at },
    ]),
  )
  await write<UserDoc>(
    collections.users,
    count(size.people).map((n) => [
      person(n),
      {
        v: 1,
        name: `${firsts[n % 10]} ${lasts[Math.floor(n / 10) % 10]} ${n}`,
        email: mail(n),
        status: n % 50 === 0 ? 'disabled' : 'active',
        disabledReason: n % 50 === 0 ? 'left the company' : null,
        password: null,
        passwordAt: at,
        createdAt: iso(nowMs - (n % 400) * dayMs),
        lastSeenAt: n % 20 === 0 ? null : iso(nowMs - (n % 120) * dayMs),
      },
    ]),
  )
  await write<IdentifierDoc>(
    collections.identifiers,
    count(size.people).map((n) => [identifierId(mail(n)), { v: 1, userId: person(n), inviteId: null, heldUntil: null, expiresAt: null }]),
  )
  await write<MembershipDoc>(
    collections.memberships,
    count(size.people).flatMap((n) =>
      count(size.membershipsEach).map((step): [string, MembershipDoc] => {
        const productId = product((n + step * 7) % size.products)
        const role = roles[(n + step) % 3] ?? 'viewer'
        return [
          `${person(n)}:${productId}`,
          { v: 1, userId: person(n), productId, role, plan: n % 2 === 0 ? 'free' : 'pro', expiresAt: null },
        ]
      }),
    ),
  )
  await write<SessionDoc>(
    collections.sessions,
    count(size.sessions).map((n) => [
      hashOf(`session ${n}`),
      {
        v: 1,
        sid: `bench-session-${n}`,
        userId: person(n % size.people),
        tie: hashOf(`tie ${n}`),
        createdAt: at,
        lastUsedAt: iso(nowMs - (n % 300) * 60_000),
        expiresAt: iso(nowMs + 7 * dayMs),
        factorAt: at,
        amr: ['pwd'],
        address: `10.0.${n % 250}.1`,
        device: 'Firefox on Linux',
        products: [],
        renew: false,
        supersededAt: null,
        endedAt: null,
        endedBy: null,
        endedWhy: null,
      },
    ]),
  )
}

async function write<T extends Doc>(collection: Collection<T>, docs: readonly (readonly [string, T])[]): Promise<void> {
  for (let at = 0; at < docs.length; at += 99)
    await collection.batch(
      partition,
      docs.slice(at, at + 99).map(([id, doc]) => ({ op: 'insert', id, doc })),
    )
}
