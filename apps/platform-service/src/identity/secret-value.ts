import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits as 43 characters; the prefix lets a log masker find it. */
export function newSecret(prefix = ''): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`
}

/** What is stored of a secret: lower-case hex SHA-256. With 256 random bits there is nothing to guess, so no slow hash is needed. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Compares two hashes without telling by time where they differ. */
export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The key of this API's CSRF tokens, derived from the signing secret for this use alone. */
export function csrfKeyFrom(jwtSecret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', jwtSecret, 'bytelyst', 'csrf key v1', 32))
}
