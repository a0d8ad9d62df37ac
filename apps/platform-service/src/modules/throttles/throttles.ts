import type { Throttle } from '@console/contracts/people/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { UserDoc } from '../../documents.ts'
import type { PeopleBook, Person } from '../../identity/people-book.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import { type Counted, type ThrottleBook, throttleId } from '../../identity/throttle-book.ts'

export type ThrottleDeps = {
  readonly throttles: ThrottleBook
  readonly people: PeopleBook
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly now: () => number
}
type Query = { readonly kind?: Throttle['kind'] | undefined; readonly state?: Throttle['state'] | undefined }
/** Under an attack from many addresses there are more; they go by themselves, and the counts tell of all. */
const mostListed = 200

export async function listThrottles({ throttles, people }: ThrottleDeps, { kind, state }: Query) {
  const counted = await throttles.list()
  const known = counted.length > 0 ? byThrottle(people) : new Map<string, Person>()
  const items = counted
    .filter(({ doc, blocked }) => (kind ?? doc.kind) === doc.kind && (state ?? stateOf(blocked)) === stateOf(blocked))
    .slice(0, mostListed)
    .map((one) => viewOf(one, known.get(one.id)))
  const blocked = counted.filter((one) => one.blocked).length
  return { items, nextCursor: null, blocked, near: counted.length - blocked }
}

/** @throws AppError THROTTLE_NOT_FOUND */
export async function liftThrottle({ throttles, people, signedIn, now }: ThrottleDeps, ctx: Context, id: string): Promise<void> {
  assertFreshFactor(signedIn(ctx.actor), now())
  const lifted = await throttles.lift(id)
  if (!lifted) throw new AppError('THROTTLE_NOT_FOUND', 404, 'Nothing is blocked under this id any more.')
  const person = byThrottle(people).get(id)
  ctx.tell({
    kind: lifted.kind,
    failures: lifted.at.length,
    ...(person ? { userId: person.id } : lifted.subject && { subject: lifted.subject }),
  })
}

/** The ids of a person's counters: hashes, made once for each state of a person. */
const idsOf = new WeakMap<UserDoc, readonly string[]>()

function byThrottle(people: PeopleBook): ReadonlyMap<string, Person> {
  const pairs = [...people.all()].flatMap((person) => {
    const { doc } = person
    const ids = idsOf.get(doc) ?? (['account', 'reset'] as const).map((kind) => throttleId(kind, doc.email))
    idsOf.set(doc, ids)
    return ids.map((id) => [id, person] as const)
  })
  return new Map(pairs)
}

/** An account that exists is named by its e-mail; of others the hash alone is kept, since people type passwords into wrong fields. */
function viewOf({ id, doc, blocked, failures, most, untilMs }: Counted, person: Person | undefined): Throttle {
  const unknown = `an e-mail that nobody has (${id.slice(doc.kind.length + 1, doc.kind.length + 13)})`
  return {
    id,
    kind: doc.kind,
    state: stateOf(blocked),
    subject: doc.kind === 'address' ? doc.subject : (person?.doc.email ?? unknown),
    person: person ? { id: person.id, name: person.doc.name } : null,
    failures,
    most,
    until: new Date(untilMs).toISOString(),
  }
}

function stateOf(blocked: boolean): Throttle['state'] {
  return blocked ? 'blocked' : 'near'
}
