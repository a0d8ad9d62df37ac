import { randomInt } from 'node:crypto'
import type { SecretBox } from '@console/tokens/secret-box'
import { Secret, TOTP } from 'otpauth'
import type { UserDoc } from '../documents.ts'
import type { PeopleBook } from './people-book.ts'
import { hasSecondFactor } from './second-factor-rule.ts'
import { hashOf } from './secret-value.ts'

export type SecondFactors = {
  /** A new seed, which counts once a code of it was shown. */
  offer(user: { id: string; email: string }): Promise<{ secret: string; uri: string }>
  /** The recovery codes; null where the code is not of the seed that was offered, `none` where none was offered. */
  enable(userId: string, code: string): Promise<readonly string[] | 'none' | null>
  /** Whether there was one. The recovery codes stay where a passkey does. */
  remove(userId: string): Promise<boolean>
  /** Takes every second factor away, passkeys included. */
  reset(userId: string): Promise<void>
  /** New recovery codes for whoever has an authenticator or a passkey; null for others. */
  renewRecovery(userId: string): Promise<readonly string[] | null>
  /** Uses a code up. Of several that show the same at once, one succeeds. */
  prove(userId: string, code: string): Promise<'otp' | 'recovery' | null>
}
type Deps = { readonly people: PeopleBook; readonly box: SecretBox; readonly now: () => number }

const issuer = 'ByteLyst'
const periodSec = 30
const recoveryCount = 10
/** Without letters that are taken for others; 24 of 31 are 118 bits, so a fast hash is enough. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
const recoveryChars = 24

/** Time-based codes (RFC 6238: SHA-1, 6 digits, 30 s) and recovery codes. */
export function createSecondFactors({ people, box, now }: Deps): SecondFactors {
  const placeOf = (userId: string) => `totp ${userId}`
  const iso = () => new Date(now()).toISOString()
  const totpOf = (userId: string, sealed: string, label = userId) =>
    new TOTP({
      issuer,
      label,
      secret: Secret.fromBase32(box.open(sealed, placeOf(userId))),
      period: periodSec,
      digits: 6,
      algorithm: 'SHA1',
    })
  /** The step that a code belongs to, one before and one after the present included; null where it is none of them. */
  const stepOf = (totp: TOTP, code: string): number | null => {
    const offset = /^[0-9]{6}$/.test(code) ? totp.validate({ token: code, window: 1, timestamp: now() }) : null
    return offset === null ? null : Math.floor(now() / (periodSec * 1_000)) + offset
  }
  const unchanged = new Error('nothing to change')
  /** Changes the document on its newest state; null where the change says that there is nothing to do. */
  const change = async <R>(userId: string, decide: (doc: UserDoc) => { doc: UserDoc; result: R } | null): Promise<R | null> => {
    let result: R | null = null
    try {
      await people.update(userId, (doc) => {
        const decided = decide(doc)
        if (!decided) throw unchanged
        result = decided.result
        return decided.doc
      })
      return result
    } catch (error) {
      if (error === unchanged) return null
      throw error
    }
  }

  return {
    async offer({ id, email }) {
      const secret = new Secret({ size: 20 })
      const seed = box.seal(secret.base32, placeOf(id))
      await people.update(id, (doc) => ({ ...doc, totpOffered: { seed, at: iso() } }))
      return { secret: secret.base32, uri: totpOf(id, seed, email).toString() }
    },
    async enable(userId, code) {
      const codes = newRecoveryCodes()
      let offered = true
      const done = await change(userId, ({ totpOffered, ...doc }) => {
        offered = totpOffered !== undefined
        const step = totpOffered ? stepOf(totpOf(userId, totpOffered.seed), code) : null
        if (!totpOffered || step === null) return null
        return { doc: { ...doc, totp: { seed: totpOffered.seed, at: iso(), step }, recovery: codes.map(hashOfCode) }, result: codes }
      })
      return offered ? done : 'none'
    },
    remove: async (userId) =>
      (await change(userId, ({ totp, totpOffered: _offered, ...doc }) => (totp ? { doc: withoutIdleCodes(doc), result: true } : null))) !==
      null,
    async reset(userId) {
      await people.update(userId, ({ totp: _totp, totpOffered: _offered, recovery: _recovery, passkeys: _passkeys, ...doc }) => doc)
    },
    async renewRecovery(userId) {
      const codes = newRecoveryCodes()
      return change(userId, (doc) => (hasSecondFactor(doc) ? { doc: { ...doc, recovery: codes.map(hashOfCode) }, result: codes } : null))
    },
    prove: (userId, given) =>
      change<'otp' | 'recovery'>(userId, (doc) => {
        const step = doc.totp ? stepOf(totpOf(userId, doc.totp.seed), given.replaceAll(' ', '')) : null
        if (doc.totp && step !== null) return step > doc.totp.step ? { doc: { ...doc, totp: { ...doc.totp, step } }, result: 'otp' } : null
        const hash = hashOfCode(given)
        const left = (doc.recovery ?? []).filter((one) => one !== hash)
        return left.length < (doc.recovery ?? []).length ? { doc: { ...doc, recovery: left }, result: 'recovery' } : null
      }),
  }
}

/** Recovery codes stand in for a second factor: with the last one they are over. */
export function withoutIdleCodes(doc: UserDoc): UserDoc {
  const { recovery: _recovery, ...rest } = doc
  return hasSecondFactor(doc) ? doc : rest
}

function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCount }, () => {
    const text = Array.from({ length: recoveryChars }, () => alphabet[randomInt(alphabet.length)]).join('')
    return (text.match(/.{4}/g) ?? []).join('-')
  })
}

/** As it is typed: case, blanks and dashes do not count. */
function hashOfCode(code: string): string {
  return hashOf(code.toLowerCase().replace(/[\s-]/g, ''))
}
