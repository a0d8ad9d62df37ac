import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { certificateFor } from './tls-front.ts'

export type SunkMail = {
  readonly from: string
  readonly to: readonly string[]
  readonly headers: string
  /** The text, decoded. */
  readonly text: string
  readonly encrypted: boolean
  readonly user: string | null
}
/** How it behaves: `refuses` a recipient for good, is `busy` for now, or is `silent` after the greeting. */
export type SinkMood = 'good' | 'refuses' | 'busy' | 'silent'
export type SmtpSink = {
  readonly port: number
  readonly mails: readonly SunkMail[]
  /** How often somebody gave a recipient. */
  readonly tries: () => number
  mood: SinkMood
  /** File with the certificate to be trusted. */
  readonly authority: string
  close(): Promise<void>
}
type Options = {
  /** Who may send; anybody where it is not given. */
  readonly login?: { readonly user: string; readonly password: string }
  readonly startTls?: boolean
  /** TLS from the first byte. */
  readonly tlsAtOnce?: boolean
}

/** A mail server on a free port of loopback that keeps what it gets. */
export async function startSmtpSink({ login, startTls = false, tlsAtOnce = false }: Options = {}): Promise<SmtpSink> {
  const folder = mkdtempSync(join(tmpdir(), 'smtp-'))
  const { key, cert } = certificateFor(['localhost'])
  const authority = join(folder, 'authority.pem')
  writeFileSync(authority, cert)
  const mails: SunkMail[] = []
  const state = { mood: 'good' as SinkMood, tries: 0 }
  const server = new SMTPServer({
    secure: tlsAtOnce,
    key,
    cert,
    authOptional: login === undefined,
    disabledCommands: [...(startTls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    // A login without encryption is what some tests are about.
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    onAuth: ({ username = '', password = '' }, _session, answer) =>
      username === login?.user && password === login.password ? answer(null, { user: username }) : answer(new Error(`wrong: ${password}`)),
    onRcptTo: (_address, _session, answer) => {
      state.tries += 1
      if (state.mood === 'silent') return
      if (state.mood === 'good') answer()
      else answer(Object.assign(new Error('not now'), { responseCode: state.mood === 'busy' ? 451 : 550 }))
    },
    onData: (stream, session, answer) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          ...textOf(Buffer.concat(parts).toString('latin1')),
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          encrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : null,
        })
        answer()
      })
    },
  })
  // A client that leaves in the middle is part of some tests.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    tries: () => state.tries,
    get mood() {
      return state.mood
    },
    set mood(next) {
      state.mood = next
    },
    authority,
    close: async () => {
      await new Promise<void>((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Of a mail with one part: its head, and its text out of quoted-printable or base64 (RFC 2045). */
function textOf(raw: string): { headers: string; text: string } {
  const end = raw.indexOf('\r\n\r\n')
  const headers = raw.slice(0, end)
  const body = raw.slice(end + 4)
  const encoding = /^content-transfer-encoding:\s*(\S+)/im.exec(headers)?.[1]?.toLowerCase()
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : encoding === 'quoted-printable'
        ? Buffer.from(
            body.replaceAll('=\r\n', '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          )
        : Buffer.from(body, 'latin1')
  return { headers, text: bytes.toString('utf8').replaceAll('\r\n', '\n') }
}
