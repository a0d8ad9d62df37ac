import type { LinkHandedOver } from '@console/contracts/passwords/schemas'
import type { Stored } from '@console/store/port'
import type { ResetDoc, UserDoc } from '../documents.ts'
import { resetLetter } from '../mail/letters.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { ResetBook } from './reset-book.ts'
import type { SignInSettingsBook } from './sign-in-settings.ts'

type For = Pick<Stored<UserDoc>, 'id' | 'doc'>
type By = Pick<ResetDoc, 'origin' | 'createdBy'> & { readonly requestId: string }
export type ResetLinks = {
  /** Makes a link and mails it. Where it cannot be mailed it is answered, this once. */
  handOver(user: For, by: By): Promise<LinkHandedOver>
  /** Makes a link that is only mailed, a moment later. */
  post(user: For, by: By): Promise<void>
}
type Deps = { readonly resets: ResetBook; readonly mailer: Mailer; readonly settings: SignInSettingsBook; readonly adminWebUrl: string }

export function createResetLinks({ resets, mailer, settings, adminWebUrl }: Deps): ResetLinks {
  const make = async ({ id, doc }: For, { requestId, ...by }: By) => {
    const { token, expiresAt } = await resets.create(id, by)
    const link = resetLinkOf(adminWebUrl, token)
    const letter = resetLetter({
      to: doc.email,
      name: doc.name,
      link,
      minutes: settings.current().resetMinutes,
      required: by.origin === 'required',
    })
    return { link, expiresAt, letter, cause: { kind: 'reset', target: id, requestId } as const }
  }
  return {
    async handOver(user, by) {
      const { link, expiresAt, letter, cause } = await make(user, by)
      const mailed = await mailer.deliver(letter, cause)
      return { link: mailed.mail === 'sent' ? null : link, ...mailed, expiresAt }
    },
    async post(user, by) {
      const { letter, cause } = await make(user, by)
      mailer.post(letter, cause)
    },
  }
}

/** In the fragment: a browser sends it to no server, so it is in nobody's log. */
export function resetLinkOf(adminWebUrl: string, token: string): string {
  return `${adminWebUrl}/reset#${token}`
}
