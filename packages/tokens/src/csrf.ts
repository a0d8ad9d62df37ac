import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Good for an hour; clients fetch a new one after 50 minutes. */
export const csrfLifetimeMs = 3_600_000
export const csrfRefreshSec = 3_000

/** A token bound to one session: time, random and HMAC-SHA-256 over both and the session, so that checking needs no store. */
export function makeCsrf(key: string | Buffer, sid: string, nowMs: number): string {
  const part = `${Math.floor(nowMs / 1_000)}.${randomBytes(16).toString('base64url')}`
  return `${part}.${mac(key, sid, part)}`
}

export function checkCsrf(key: string | Buffer, sid: string, token: unknown, nowMs: number): boolean {
  const match = typeof token === 'string' ? /^(([0-9]{1,12})\.[A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(token) : null
  if (!match) return false
  const [, part = '', seconds = '', given = ''] = match
  const ageMs = nowMs - Number(seconds) * 1_000
  // Compared as text: of the spellings that base64url has for the same bytes, one counts.
  return timingSafeEqual(Buffer.from(given), Buffer.from(mac(key, sid, part))) && ageMs > -5_000 && ageMs < csrfLifetimeMs
}

function mac(key: string | Buffer, sid: string, part: string): string {
  return createHmac('sha256', key)
    .update(`${Buffer.byteLength(sid)}!${sid}!${part}`)
    .digest('base64url')
}
