import type { MailOutcome } from '@console/contracts/passwords/schemas'

/** A text mail in our own words. */
export type Letter = { readonly to: string; readonly subject: string; readonly text: string }
/** What a mail is for, and the request that caused it. */
type MailCause = {
  readonly kind: 'invite' | 'reset' | 'notice'
  /** Id of the person or the invite. */
  readonly target: string
  readonly requestId: string
}
type Mailed = { readonly mail: MailOutcome; readonly mailTrouble: string | null }
export type Mailer = {
  /** Whether a mail server is set. */
  readonly isOn: boolean
  /** Tries at once and answers what came of it. Never rejects. */
  deliver(letter: Letter, cause: MailCause): Promise<Mailed>
  /** Leaves it to be sent a moment later, several times if need be. */
  post(letter: Letter, cause: MailCause): void
}

/** Where no mail server is set. */
export const noMail: Mailer = {
  isOn: false,
  deliver: async () => ({ mail: 'off', mailTrouble: null }),
  post: () => undefined,
}
