import * as mail from '@console/contracts/mail/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Context } from '@console/http-kit/context'
import type { SignedIn } from '../../identity/recognition.ts'
import { testLetter } from '../../mail/letters.ts'
import type { Mailer } from '../../mail/mailer.ts'

type Deps = {
  readonly mailer: Mailer
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly adminWebUrl: string
}

export const bindMail = ({ mailer, signedIn, adminWebUrl }: Deps): BoundAction[] => [
  bind(mail.getMailStatus, () => mailer.status()),
  bind(mail.sendTestMail, ({ ctx }) => {
    const { id, doc } = signedIn(ctx.actor).user
    return mailer.deliver(testLetter({ to: doc.email, adminWebUrl }), { kind: 'test', target: id, requestId: ctx.requestId })
  }),
]
