import { connect, type Socket } from 'node:net'
import type { Letter } from './letters.ts'
import type { SmtpAddress } from './smtp-address.ts'

/** Why a mail did not go, in words without anything of the address or the server's own text. `again` where a later try may succeed; `away` where the server itself does not answer. */
export class MailFailed extends Error {
  readonly again: boolean
  readonly away: boolean
  constructor(message: string, { again, away = false, cause }: { again: boolean; away?: boolean; cause?: unknown }) {
    super(message, { cause })
    this.again = again
    this.away = away
  }
}
export type SendMail = (letter: Letter) => Promise<void>

/** One connection for each mail, ended at the deadline whatever the server does. Its socket is ours, so that it can be ended. */
export function createSmtp(address: SmtpAddress, { deadlineMs = 10_000 }: { readonly deadlineMs?: number } = {}): SendMail {
  const { host, port, user, password, from } = address
  return async (letter) => {
    // Loaded with the first mail: until then it costs no memory.
    const { createTransport } = await import('nodemailer')
    const socket = connect({ host, port, timeout: deadlineMs })
    let late = false
    const timer = setTimeout(() => {
      late = true
      socket.destroy()
    }, deadlineMs)
    try {
      await opened(socket)
      const transport = createTransport({
        host,
        port,
        secure: address.tlsAtOnce,
        requireTLS: address.tlsRequired,
        ...(user !== null && { auth: { user, pass: password ?? '' } }),
        tls: { minVersion: 'TLSv1.2', servername: host, ...(address.authorities !== null && { ca: address.authorities }) },
        greetingTimeout: deadlineMs,
        socketTimeout: deadlineMs,
        disableFileAccess: true,
        disableUrlAccess: true,
        getSocket: (_options, give) => give(null, { connection: socket }),
      })
      await transport.sendMail({
        from,
        to: { name: '', address: letter.to },
        subject: letter.subject,
        text: letter.text,
        headers: ourHeaders,
      })
    } catch (error) {
      throw late ? new MailFailed('The mail server took too long.', { again: true, away: true, cause: error }) : failureOf(error)
    } finally {
      clearTimeout(timer)
      socket.destroy()
    }
  }
}

/** So that no holiday notice answers (RFC 3834). */
const ourHeaders = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }

function opened(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
  })
}

/** What a server answers may hold what we sent it, so its text is never passed on. */
function failureOf(error: unknown): MailFailed {
  const { code = '', originalCode = code, responseCode = 0 } = error as { code?: string; originalCode?: string; responseCode?: number }
  const is = (message: string, again: boolean) => new MailFailed(message, { again, cause: error })
  if (code === 'EAUTH' || code === 'ENOAUTH') return is('The mail server refuses the user or password of SMTP_URL.', true)
  if (code === 'ETLS') return is('The mail server offers no encryption that can be trusted.', true)
  if (/CERT|UNABLE_TO|ERR_TLS/.test(originalCode)) return is('The certificate of the mail server cannot be trusted.', true)
  if (responseCode >= 500) return is('The mail server refuses the recipient, the sender or the mail itself.', false)
  if (responseCode >= 400) return is('The mail server does not take the mail now.', true)
  return new MailFailed('The mail server does not answer.', { again: true, away: true, cause: error })
}

/** Where no server is set nothing is asked to send. */
export const noSmtp: SendMail = () => Promise.reject(new MailFailed('No mail server is set.', { again: false }))
