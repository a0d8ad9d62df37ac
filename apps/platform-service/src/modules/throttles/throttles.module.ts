import * as people from '@console/contracts/people/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { AppError } from '@console/http-kit/problem'
import type { PeopleBook } from '../../identity/people-book.ts'
import { type ThrottleBook, throttleId } from '../../identity/throttle-book.ts'

type Deps = { readonly throttles: ThrottleBook; readonly people: PeopleBook }

export const bindThrottles = (deps: Deps): BoundAction[] => [
  bind(people.listThrottles, async () => ({ items: await listThrottles(deps), nextCursor: null })),
  bind(people.liftThrottle, async ({ params }) => {
    if (!(await deps.throttles.lift(params.id))) throw new AppError('THROTTLE_NOT_FOUND', 404, 'Nothing is blocked under this id any more.')
  }),
]

/** An account that exists is named by its e-mail; of others the hash alone is kept, since people type passwords into wrong fields. */
async function listThrottles({ throttles, people }: Deps) {
  const emails = new Map(
    [...people.all()].flatMap(({ doc: { email } }) => (['account', 'reset'] as const).map((kind) => [throttleId(kind, email), email])),
  )
  return (await throttles.blocked())
    .sort((a, b) => b.untilMs - a.untilMs)
    .map(({ id, doc, untilMs }) => ({
      id,
      kind: doc.kind,
      subject:
        doc.kind === 'address'
          ? doc.subject
          : (emails.get(id) ?? `unknown e-mail (${id.slice(doc.kind.length + 1, doc.kind.length + 13)})`),
      failures: doc.at.length,
      until: new Date(untilMs).toISOString(),
    }))
}
