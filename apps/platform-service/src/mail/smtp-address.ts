import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'

/** Where mail goes, and as whom. */
export type SmtpAddress = {
  readonly host: string
  readonly port: number
  /** TLS from the first byte; else STARTTLS, which only a server on this machine may lack. */
  readonly tlsAtOnce: boolean
  readonly tlsRequired: boolean
  readonly user: string | null
  readonly password: string | null
  readonly from: string
  /** PEM of further authorities, for a server with a certificate of one's own. */
  readonly authorities: string | null
}

/**
 * Reads `smtp://user:password@host:587?from=console@example.com`. What is wrong is told without any part of the address, since it holds a
 * password.
 */
export function readSmtpAddress(text: string, domain: string): { address: SmtpAddress } | { problem: string } {
  const wrong = (why: string) => ({ problem: `SMTP_URL: ${why} Write it as smtp://user:password@host:587?from=console@${domain}` })
  if (!URL.canParse(text)) return wrong('is no address.')
  const url = new URL(text)
  const { protocol, hostname, searchParams: query } = url
  if (protocol !== 'smtp:' && protocol !== 'smtps:') return wrong('must begin with smtp:// or smtps://.')
  if (hostname === '') return wrong('names no host.')
  if ((url.pathname !== '' && url.pathname !== '/') || url.hash !== '') return wrong('has a path, which means nothing here.')
  for (const name of query.keys()) if (name !== 'from' && name !== 'ca') return wrong('has a part after ? that is neither from nor ca.')
  const from = query.get('from') ?? `console@${domain}`
  if (!/^[^\s@<>"(),:;\\[\]]+@[^\s@<>"(),:;\\[\]]+$/.test(from)) return wrong('from is no e-mail address.')
  const [user, password] = [decoded(url.username), decoded(url.password)]
  if (user === undefined || password === undefined) return wrong('user or password has a broken %-sequence.')
  if ((user === '') !== (password === '')) return wrong('has a user without a password, or a password without a user.')
  const ca = query.get('ca')
  const authorities = ca === null ? null : readText(ca)
  if (authorities === undefined) return wrong('ca names a file that cannot be read.')
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    address: {
      host,
      port: url.port === '' ? (protocol === 'smtps:' ? 465 : 587) : Number(url.port),
      tlsAtOnce: protocol === 'smtps:',
      tlsRequired: !isLoopback(host),
      user: user || null,
      password: password || null,
      from,
      authorities,
    },
  }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || (isIP(host) === 4 ? host.startsWith('127.') : host === '::1')
}
