import type { NewRow } from '@console/audit-chain/log'
import { describe, expect, it, vi } from 'vitest'
import { createMailer } from './mailer.ts'
import { MailFailed } from './smtp.ts'
import { readSmtpAddress } from './smtp-address.ts'

const read = readSmtpAddress('smtp://127.0.0.1:2525', 'example.com')
const address = 'address' in read ? read.address : null
const letter = { to: 'zoe@example.com', subject: 'Hello', text: 'Hello\n' }
const cause = { kind: 'notice', target: 'zoe', requestId: 'r1' } as const
const patient = { timeout: 20_000 }

function rig({
  outcomes,
  pausesMs = [1, 1],
  ...more
}: {
  outcomes: (true | 'busy' | 'never' | 'away')[]
  pausesMs?: number[]
  mostWaiting?: number
}) {
  const rows: NewRow[] = []
  const left = [...outcomes]
  const clock = { ms: Date.parse('2026-01-02T03:04:05Z') }
  let [tries, sent] = [0, 0]
  const mailer = createMailer({
    address,
    send: async () => {
      tries += 1
      const outcome = left.shift() ?? true
      if (outcome !== true) throw new MailFailed(outcome, { again: outcome !== 'never', away: outcome === 'away' })
      sent += 1
    },
    record: async (row) => void rows.push(row),
    now: () => clock.ms,
    pausesMs,
    ...more,
  })
  const told = () => rows.map(({ outcome, details }) => [outcome, details?.tries, details?.trouble])
  return { mailer, told, clock, sent: () => sent, tries: () => tries }
}

describe('mails that wait', () => {
  it('are tried again until they go, with one row', async () => {
    const { mailer, told, sent } = rig({ outcomes: ['busy', 'busy', true] })
    mailer.post(letter, cause)
    await vi.waitFor(() => expect(told()).toEqual([['done', 3, undefined]]), patient)
    expect([sent(), mailer.status()]).toMatchObject([1, { waiting: 0, lastSentAt: '2026-01-02T03:04:05.000Z' }])
  })

  it('are given up after the last try, or at once where no try could help', async () => {
    const tired = rig({ outcomes: ['busy', 'busy', 'busy', 'busy'] })
    tired.mailer.post(letter, cause)
    await vi.waitFor(() => expect(tired.told()).toEqual([['failed', 3, 'busy']]), patient)
    const hopeless = rig({ outcomes: ['never'] })
    hopeless.mailer.post(letter, cause)
    await vi.waitFor(() => expect(hopeless.told()).toEqual([['failed', 1, 'never']]), patient)
    expect(hopeless.mailer.status()).toMatchObject({ waiting: 0, lastFailure: { trouble: 'never' } })
  })

  it('are bounded: what is over the bound is on record as not sent', async () => {
    const { mailer, told, tries } = rig({ outcomes: ['busy', 'busy'], pausesMs: [600_000], mostWaiting: 2 })
    for (let n = 0; n < 3; n += 1) mailer.post(letter, cause)
    await vi.waitFor(() => expect(told()).toEqual([['failed', 0, 'Too many mails are waiting.']]), patient)
    await vi.waitFor(() => expect(tries()).toBe(2), patient)
    // What follows a failure is done before the next turn of the loop.
    await new Promise((resolve) => setImmediate(resolve))
    expect(mailer.status().waiting).toBe(2)
    await mailer.close()
    expect(told().slice(1)).toEqual([
      ['failed', 1, 'The service ended before it could be sent.'],
      ['failed', 1, 'The service ended before it could be sent.'],
    ])
  })

  it('are not taken any more once it is closed', async () => {
    const { mailer, told, sent } = rig({ outcomes: [] })
    await mailer.close()
    mailer.post(letter, cause)
    await vi.waitFor(() => expect(told()).toHaveLength(1), patient)
    expect(sent()).toBe(0)
  })
})

describe('a mail that somebody waits for', () => {
  it('is tried once, and what came of it is answered', async () => {
    const { mailer, told } = rig({ outcomes: ['busy', true] })
    expect(await mailer.deliver(letter, cause)).toEqual({ mail: 'failed', mailTrouble: 'busy' })
    expect(await mailer.deliver(letter, cause)).toEqual({ mail: 'sent', mailTrouble: null })
    expect(told()).toEqual([
      ['failed', 1, 'busy'],
      ['done', 1, undefined],
    ])
  })
  it('is not waited for again a moment after the server did not answer', async () => {
    const { mailer, tries, clock } = rig({ outcomes: ['away', true] })
    for (let n = 0; n < 3; n += 1) expect(await mailer.deliver(letter, cause)).toEqual({ mail: 'failed', mailTrouble: 'away' })
    expect(tries()).toBe(1)
    clock.ms += 15_000
    expect(await mailer.deliver(letter, cause)).toEqual({ mail: 'sent', mailTrouble: null })
  })
})
