import { createServer, type Socket } from 'node:net'
import { type SmtpSink, startSmtpSink } from '@console/testkit/smtp-sink'
import { afterEach, describe, expect, it } from 'vitest'
import { createSmtp, MailFailed } from './smtp.ts'
import { readSmtpAddress, type SmtpAddress } from './smtp-address.ts'

const login = { user: 'console@example.com', password: 'a pass/word:with@signs' }
const letter = { to: 'zoe@example.com', subject: 'Zoë invites you', text: `Grüße,\n\n${'x'.repeat(60)}#blr_${'y'.repeat(43)}=\n` }
let sink: SmtpSink
afterEach(() => sink?.close())

const addressOf = (rest: string, { scheme = 'smtp', as = login as typeof login | null } = {}): SmtpAddress => {
  const who = as ? `${encodeURIComponent(as.user)}:${encodeURIComponent(as.password)}@` : ''
  const read = readSmtpAddress(`${scheme}://${who}localhost:${rest}`, 'example.com')
  if ('problem' in read) throw new Error(read.problem)
  return read.address
}
const failureOf = async (address: SmtpAddress, deadlineMs = 20_000): Promise<MailFailed> => {
  const error: unknown = await createSmtp(address, { deadlineMs })(letter).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof MailFailed)) throw new Error(`no failure of a mail: ${String(error)}`)
  expect(error.message).not.toContain(login.password)
  return error
}

describe('a mail', () => {
  it('goes by STARTTLS with user and password, and arrives as it was written', async () => {
    sink = await startSmtpSink({ login, startTls: true })
    const address = { ...addressOf(`${sink.port}?ca=${sink.authority}`), tlsRequired: true }
    await createSmtp(address)(letter)
    expect(sink.mails).toMatchObject([
      { from: 'console@example.com', to: [letter.to], encrypted: true, user: login.user, text: letter.text },
    ])
    expect(sink.mails[0]?.headers).toMatch(/^Auto-Submitted: auto-generated$/m)
    expect(sink.mails[0]?.headers).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m)
  }, 60_000)

  it('goes by TLS at once, from the address that the settings name', async () => {
    sink = await startSmtpSink({ login, tlsAtOnce: true })
    await createSmtp(addressOf(`${sink.port}?from=ops@example.net&ca=${sink.authority}`, { scheme: 'smtps' }))(letter)
    expect(sink.mails).toMatchObject([{ from: 'ops@example.net', encrypted: true }])
  }, 60_000)

  it('goes without either to a server on this machine', async () => {
    sink = await startSmtpSink()
    await createSmtp(addressOf(String(sink.port), { as: null }))(letter)
    expect(sink.mails).toMatchObject([{ encrypted: false, user: null }])
  }, 60_000)

  it('never goes in clear to a server elsewhere, nor does the password', async () => {
    sink = await startSmtpSink({ login })
    const failure = await failureOf({ ...addressOf(String(sink.port)), tlsRequired: true })
    expect(failure.message).toBe('The mail server offers no encryption that can be trusted.')
    expect([sink.mails, sink.tries()]).toEqual([[], 0])
  }, 60_000)

  it('goes to no server whose certificate nobody vouches for', async () => {
    sink = await startSmtpSink({ login, startTls: true })
    expect((await failureOf(addressOf(String(sink.port)))).message).toBe('The certificate of the mail server cannot be trusted.')
    expect(sink.mails).toEqual([])
  }, 60_000)

  it('says what went wrong without the words of the server, which may repeat the password', async () => {
    sink = await startSmtpSink({ login, startTls: true })
    const wrong = addressOf(`${sink.port}?ca=${sink.authority}`, { as: { ...login, password: `${login.password}x` } })
    expect(await failureOf(wrong)).toMatchObject({ message: 'The mail server refuses the user or password of SMTP_URL.', again: true })
    const right = addressOf(`${sink.port}?ca=${sink.authority}`)
    sink.mood = 'refuses'
    expect(await failureOf(right)).toMatchObject({ again: false })
    sink.mood = 'busy'
    expect(await failureOf(right)).toMatchObject({ message: 'The mail server does not take the mail now.', again: true })
    sink.mood = 'good'
    await createSmtp(right)(letter)
    expect(sink.mails).toHaveLength(1)
  }, 60_000)

  it('waits no longer than its deadline, be the server silent, slow or not there', async () => {
    sink = await startSmtpSink()
    sink.mood = 'silent'
    const silent = addressOf(String(sink.port), { as: null })
    expect(await failureOf(silent, 1_000)).toMatchObject({ message: 'The mail server took too long.', again: true })
    // A byte now and then keeps a socket busy for ever.
    const open = new Set<Socket>()
    const dripping = createServer((socket) => {
      open.add(socket)
      const timer = setInterval(() => socket.write('2'), 50)
      socket.on('error', () => undefined)
      socket.on('close', () => clearInterval(timer))
    })
    await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve))
    const { port } = dripping.address() as { port: number }
    expect(await failureOf(addressOf(String(port), { as: null }), 1_000)).toMatchObject({ again: true })
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => dripping.close(resolve))
    expect(await failureOf(addressOf(String(port), { as: null }))).toMatchObject({
      message: 'The mail server does not answer.',
      again: true,
    })
  }, 60_000)
})

describe('the address of a mail server', () => {
  it('has usual ports, and asks for TLS wherever the way leaves this machine', () => {
    const of = (text: string) => readSmtpAddress(text, 'example.com')
    expect(of('smtp://mail.example.com')).toMatchObject({ address: { port: 587, tlsAtOnce: false, tlsRequired: true, user: null } })
    expect(of('smtps://u:p%40w@mail.example.com')).toMatchObject({ address: { port: 465, tlsAtOnce: true, password: 'p@w' } })
    expect(of('smtp://127.0.0.1:25')).toMatchObject({ address: { tlsRequired: false, from: 'console@example.com' } })
    expect(of('smtp://[::1]:25')).toMatchObject({ address: { host: '::1', tlsRequired: false } })
    expect(of('smtp://localhost.example.com:25')).toMatchObject({ address: { tlsRequired: true } })
  })

  it.each([
    ['mail.example.com:587', /is no address|must begin/],
    ['https://u:hidden@mail.example.com', 'must begin'],
    ['smtp://u:hidden@mail.example.com/box', 'path'],
    ['smtp://u:hidden@mail.example.com?tls=off', 'neither from nor ca'],
    ['smtp://u:hidden@mail.example.com?from=nobody', 'no e-mail address'],
    ['smtp://u:hidden@mail.example.com?from=a@b.c%0d%0aBcc:x@y.z', 'no e-mail address'],
    ['smtp://u:hid%den@mail.example.com', 'broken %-sequence'],
    ['smtp://hidden@mail.example.com', 'without a password'],
    ['smtp://u:hidden@mail.example.com?ca=/nowhere.pem', 'cannot be read'],
  ])('is refused: %s', (text, why) => {
    const read = readSmtpAddress(text, 'example.com')
    if (!('problem' in read)) throw new Error('it was taken')
    expect(read.problem).toMatch(why)
    expect(read.problem).not.toContain('hid')
  })
})
