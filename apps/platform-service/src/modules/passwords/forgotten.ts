import type { Context } from '@console/http-kit/context'
import type { AuditDesk } from '../../audit-desk.ts'
import { normalEmail } from '../../identity/email-claims.ts'
import { oneAtATime } from '../../identity/one-at-a-time.ts'
import type { PeopleBook } from '../../identity/people-book.ts'
import type { ResetLinks } from '../../identity/reset-links.ts'
import type { ThrottleBook } from '../../identity/throttle-book.ts'
import type { Mailer } from '../../mail/mailer.ts'

export type ForgottenDeps = {
  readonly people: Pick<PeopleBook, 'idOf' | 'read'>
  readonly throttles: ThrottleBook
  readonly resetLinks: ResetLinks
  readonly mailer: Mailer
  readonly append: AuditDesk['append']
  readonly alarm: (what: string, error: unknown) => void
}
export type Forgotten = {
  /** Takes the wish; whether anything comes of it is decided after the answer, so that it takes the same time for every e-mail. */
  ask(ctx: Context, email: string): Promise<{ mails: boolean }>
  /** Waits for what was begun. */
  close(): Promise<void>
}

/** Wishes beyond that are dropped: a mail that comes much later helps nobody. */
const mostWaiting = 200

export function createForgotten(deps: ForgottenDeps): Forgotten {
  const { throttles, mailer, alarm } = deps
  const turn = oneAtATime()
  const waiting = new Set<Promise<void>>()
  return {
    async ask(ctx, given) {
      const email = normalEmail(given)
      const allowed = (await throttles.take('address', ctx.address)) && (await throttles.take('reset', email))
      if (allowed && mailer.isOn && waiting.size < mostWaiting) {
        const work = new Promise<void>((resolve) => setImmediate(resolve))
          .then(() => turn('all', () => mailLink(deps, { email, requestId: ctx.requestId, address: ctx.address })))
          .catch((error: unknown) => alarm('a link for a forgotten password could not be made', error))
          .finally(() => waiting.delete(work))
        waiting.add(work)
      }
      return { mails: mailer.isOn }
    },
    close: async () => void (await Promise.all(waiting)),
  }
}

type Wish = { readonly email: string; readonly requestId: string; readonly address: string }

/** Nobody who can sign in has this e-mail: nothing is done. The link is on record before it is made. */
async function mailLink({ people, resetLinks, append }: ForgottenDeps, { email, requestId, address }: Wish): Promise<void> {
  const id = await people.idOf(email)
  const user = id === null ? null : await people.read(id)
  if (user?.doc.status !== 'active') return
  const actor = { kind: 'service', id: 'platform-service' } as const
  const row = { action: 'users.resetLink.create', actor, requestId, target: user.id, address, details: { origin: 'forgotten' } } as const
  const { seq: of } = await append({ ...row, outcome: 'started' })
  try {
    await resetLinks.post(user, { origin: 'forgotten', createdBy: user.id, requestId })
    await append({ ...row, outcome: 'done', of })
  } catch (error) {
    await append({ ...row, outcome: 'failed', of, code: 'INTERNAL' })
    throw error
  }
}
