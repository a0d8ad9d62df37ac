import type { NewRow } from '@console/audit-chain/log'
import type { MailOutcome, MailStatus } from '@console/contracts/mail/schemas'
import { oneAtATime } from '../identity/one-at-a-time.ts'
import type { Letter } from './letters.ts'
import { MailFailed, type SendMail } from './smtp.ts'
import type { SmtpAddress } from './smtp-address.ts'

/** What a mail is for, and the request that caused it. */
type MailCause = {
  readonly kind: 'invite' | 'reset' | 'notice' | 'test'
  /** Id of the person or the invite. */
  readonly target: string
  readonly requestId: string
}
export type Mailed = { readonly mail: MailOutcome; readonly mailTrouble: string | null }
export type Mailer = {
  /** Whether a mail server is set. */
  readonly isOn: boolean
  /** Tries once, now, and answers what came of it. Never rejects. */
  deliver(letter: Letter, cause: MailCause): Promise<Mailed>
  /** Leaves it to be sent a moment later, several times if need be. Never rejects, and answers nobody. */
  post(letter: Letter, cause: MailCause): void
  status(): MailStatus
  /** Tries no more; what still waits is on record as not sent. */
  close(): Promise<void>
}
type Deps = {
  readonly address: SmtpAddress | null
  readonly send: SendMail
  /** Never rejects. */
  readonly record: (row: NewRow) => Promise<void>
  readonly now: () => number
  /** How long after a failure the next try is made; one more try than there are of these. */
  readonly pausesMs?: readonly number[]
  readonly mostWaiting?: number
}
type Waiting = { readonly letter: Letter; readonly cause: MailCause; tries: number; timer?: NodeJS.Timeout }

const ended = 'The service ended before it could be sent.'
/** How many connections a queue may hold at a time. */
const atOnce = 2
/** For so long after a server did not answer nobody waits for it again: many invites at once would each take the whole deadline. */
const awayMs = 15_000
/** Ten minutes in all: a link lives for thirty. */
const usualPausesMs = [5_000, 30_000, 120_000, 450_000]

/** Sends by SMTP, and leaves a row for each mail of how it ended. What waits lies in memory and goes with the process. */
export function createMailer({ address, send, record, now, pausesMs = usualPausesMs, mostWaiting = 200 }: Deps): Mailer {
  const waiting = new Set<Waiting>()
  const turn = oneAtATime()
  let next = 0
  const underWay = new Set<Promise<void>>()
  let closed = false
  let lastSentAt: string | null = null
  let lastFailure: MailStatus['lastFailure'] = null
  let away: { readonly failure: MailFailed; readonly untilMs: number } | null = null
  const iso = () => new Date(now()).toISOString()

  const attempt = async (letter: Letter): Promise<MailFailed | null> => {
    try {
      await send(letter)
      lastSentAt = iso()
      away = null
      return null
    } catch (error) {
      const failure = error instanceof MailFailed ? error : new MailFailed('The mail could not be sent.', { again: false, cause: error })
      if (failure.away) away = { failure, untilMs: now() + awayMs }
      lastFailure = { at: iso(), trouble: failure.message }
      return failure
    }
  }
  const settle = ({ kind, target, requestId }: MailCause, tries: number, trouble: string | null): Promise<void> =>
    record({
      action: 'mail.message.send',
      actor: { kind: 'service', id: 'platform-service' },
      requestId,
      target,
      outcome: trouble === null ? 'done' : 'failed',
      ...(trouble !== null && { code: 'MAIL_FAILED' }),
      details: { kind, tries, ...(trouble !== null && { trouble }) },
    })
  const drop = (one: Waiting, trouble: string | null): Promise<void> => {
    waiting.delete(one)
    return settle(one.cause, one.tries, trouble)
  }
  const run = async (one: Waiting): Promise<void> => {
    if (closed) return drop(one, ended)
    one.tries += 1
    const failure = await attempt(one.letter)
    const pauseMs = pausesMs[one.tries - 1]
    if (!failure) return drop(one, null)
    if (!failure.again || pauseMs === undefined || closed) return drop(one, failure.message)
    one.timer = setTimeout(() => begin(one), pauseMs)
    one.timer.unref()
  }
  const begin = (one: Waiting): void => {
    delete one.timer
    next = (next + 1) % atOnce
    const work = turn(String(next), () => run(one)).finally(() => underWay.delete(work))
    underWay.add(work)
  }

  return {
    isOn: address !== null,
    async deliver(letter, cause) {
      if (address === null) return { mail: 'off', mailTrouble: null }
      const failure = away && now() < away.untilMs ? away.failure : await attempt(letter)
      await settle(cause, 1, failure?.message ?? null)
      return failure ? { mail: 'failed', mailTrouble: failure.message } : { mail: 'sent', mailTrouble: null }
    },
    post(letter, cause) {
      if (address === null) return
      const one: Waiting = { letter, cause, tries: 0 }
      if (closed || waiting.size >= mostWaiting) {
        const work = settle(cause, 0, 'Too many mails are waiting.').finally(() => underWay.delete(work))
        underWay.add(work)
        return
      }
      waiting.add(one)
      begin(one)
    },
    status: () => ({
      server: address === null ? null : `${address.host}:${address.port}`,
      from: address?.from ?? null,
      waiting: waiting.size,
      lastSentAt,
      lastFailure,
    }),
    async close() {
      closed = true
      const idle = [...waiting].filter(({ timer }) => timer !== undefined)
      for (const one of idle) {
        clearTimeout(one.timer)
        await drop(one, ended)
      }
      await Promise.all(underWay)
    },
  }
}
