import type { Context } from '@console/http-kit/context'
import type { Stored } from '@console/store/port'
import type { UserDoc } from '../documents.ts'
import { type Notice, noticeLetter } from './letters.ts'
import type { Mailer } from './mailer.ts'

/** Tells a person by mail what changed in how they sign in, so that somebody who did it in their name is noticed. Never rejects. */
export type Notify = (user: Pick<Stored<UserDoc>, 'id' | 'doc'>, notice: Notice, ctx: Context) => void
type Deps = { readonly mailer: Pick<Mailer, 'post'>; readonly adminWebUrl: string; readonly now: () => number }

export function createNotify({ mailer, adminWebUrl, now }: Deps): Notify {
  return ({ id, doc }, notice, { actor, address, requestId }) => {
    const letter = noticeLetter({
      to: doc.email,
      name: doc.name,
      notice,
      at: new Date(now()).toISOString(),
      by: actor.kind === 'anonymous' || actor.id === id ? null : actor.name,
      address,
      adminWebUrl,
    })
    mailer.post(letter, { kind: 'notice', target: id, requestId })
  }
}
