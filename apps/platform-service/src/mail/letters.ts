/** A text mail in our own words. */
export type Letter = { readonly to: string; readonly subject: string; readonly text: string }

/** Whoever holds the link sets the password, so it says how to tell that something is wrong. */
export function resetLetter({
  to,
  name,
  link,
  minutes,
  required,
}: {
  readonly to: string
  readonly name: string
  readonly link: string
  readonly minutes: number
  /** An admin ended the password of before. */
  readonly required: boolean
}): Letter {
  return {
    to,
    subject: 'Set a new password',
    text: paragraphs(
      `Hello ${oneLine(name)},`,
      `here you set a new password for ${to}:`,
      link,
      `The link works once and for ${minutes} minutes. It ends every session that is open, and it does not replace your second factor.`,
      required
        ? 'An admin has ended your present password and every session. If the link is over, ask for another at the sign-in.'
        : 'If you did not ask for it, do nothing: your password stays as it is. If it comes again, tell an admin of this console.',
    ),
  }
}

export function inviteLetter({
  to,
  name,
  by,
  link,
  access,
  endsAt,
}: {
  readonly to: string
  readonly name: string | null
  /** Who invites. */
  readonly by: string
  readonly link: string
  readonly access: readonly { readonly product: string; readonly role: string }[]
  readonly endsAt: string
}): Letter {
  return {
    to,
    subject: `${oneLine(by)} invites you`,
    text: paragraphs(
      name === null ? 'Hello,' : `Hello ${oneLine(name)},`,
      `${oneLine(by)} gives you access: ${access.map(({ product, role }) => `${role} in ${oneLine(product)}`).join(', ')}.`,
      'Here you choose a password and are signed in:',
      link,
      `The link works once, and until ${minuteOf(endsAt)}.`,
      'If you expected nothing of the kind, do nothing: without the link there is no account.',
    ),
  }
}

/** What happened to somebody’s ways to sign in, as the end of “… of your account”. */
export type Notice =
  | 'password changed'
  | 'password reset'
  | 'factors reset'
  | 'authenticator added'
  | 'authenticator removed'
  | 'recovery codes renewed'
  | 'passkey added'
  | 'passkey removed'

const happened: Record<Notice, { readonly subject: string; readonly text: string }> = {
  'password changed': { subject: 'Your password was changed', text: 'The password of your account was changed.' },
  'password reset': {
    subject: 'Your password was set anew',
    text: 'The password of your account was set anew with a link, and every session has ended.',
  },
  'factors reset': {
    subject: 'Your second factors were taken away',
    text: 'An admin has taken the second factors of your account away, and every session has ended. The password alone signs you in now.',
  },
  'authenticator added': {
    subject: 'An authenticator was added',
    text: 'Signing in to your account asks for a code of an authenticator from now on.',
  },
  'authenticator removed': {
    subject: 'The authenticator was removed',
    text: 'The authenticator of your account was removed, and its recovery codes with it.',
  },
  'recovery codes renewed': {
    subject: 'New recovery codes were made',
    text: 'Your account has new recovery codes; those of before are worth nothing.',
  },
  'passkey added': { subject: 'A passkey was added', text: 'A passkey was added to your account.' },
  'passkey removed': { subject: 'A passkey was removed', text: 'A passkey was removed from your account.' },
}

export function noticeLetter({
  to,
  name,
  notice,
  at,
  by,
  address,
  adminWebUrl,
}: {
  readonly to: string
  readonly name: string
  readonly notice: Notice
  readonly at: string
  /** The admin who did it; null for the person. */
  readonly by: string | null
  readonly address: string
  readonly adminWebUrl: string
}): Letter {
  const { subject, text } = happened[notice]
  return {
    to,
    subject,
    text: paragraphs(
      `Hello ${oneLine(name)},`,
      text,
      `When: ${minuteOf(at)}\nFrom: ${address}${by === null ? '' : `\nBy: ${oneLine(by)}`}`,
      `If that was not you, or you expected nothing of the kind, tell an admin at once, and look at your sessions: ${adminWebUrl}/profile`,
    ),
  }
}

export function testLetter({ to, adminWebUrl }: { to: string; adminWebUrl: string }): Letter {
  return { to, subject: 'Mail works', text: paragraphs(`This console sends its mail: ${adminWebUrl}`, 'You asked for this one.') }
}

/** A name is what somebody typed: it makes no lines of its own. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 120)
}

function minuteOf(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`
}

function paragraphs(...texts: readonly string[]): string {
  return `${texts.join('\n\n')}\n`
}
