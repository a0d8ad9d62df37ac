import type { Letter } from './mailer.ts'

/** Somebody who holds the link sets the password, so it says how to tell that something is wrong. */
export function resetLetter({ to, name, link, minutes }: { to: string; name: string; link: string; minutes: number }): Letter {
  return {
    to,
    subject: 'Set a new password',
    text: paragraphs(
      `Hello ${oneLine(name)},`,
      `here you set a new password for ${to}:`,
      link,
      `The link works once and for ${minutes} minutes. It ends every session that is open, and it does not replace your second factor.`,
      'If you did not ask for it, do nothing: your password stays as it is. If it comes again, tell an admin of this console.',
    ),
  }
}

/** A name is what somebody typed: it makes no lines of its own. */
function oneLine(text: string): string {
  return text.replace(/\p{C}+/gu, ' ').trim()
}

function paragraphs(...texts: readonly string[]): string {
  return `${texts.join('\n\n')}\n`
}
