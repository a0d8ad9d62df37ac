import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/**
 * Secrets that are needed again in clear, encrypted with AES-256-GCM under keys derived from ENCRYPTION_KEY; text form
 * `v1.<nonce>.<tag>.<ciphertext>`, base64url. The place (what and whose it is) is authenticated too, so that a value cannot be moved.
 */
export type SecretBox = { seal(text: string, place: string): string; open(sealed: string, place: string): string }

/**
 * @param keys the current key first, then those that may still have sealed something
 * @param purpose what is sealed: what one box sealed, a box of another purpose does not open
 */
export function createSecretBox(keys: readonly string[], purpose: string): SecretBox {
  const derived = keys.map((key) => Buffer.from(hkdfSync('sha256', key, 'bytelyst', purpose, 32)))
  const [current] = derived
  if (!current) throw new Error('ENCRYPTION_KEY is missing')
  return {
    seal(text, place) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current, nonce).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return ['v1', nonce, cipher.getAuthTag(), sealed]
        .map((part) => (typeof part === 'string' ? part : part.toString('base64url')))
        .join('.')
    },
    open(sealed, place) {
      const [version, nonce, tag, text] = sealed.split('.')
      if (version !== 'v1' || !nonce || !tag || text === undefined) throw new Error('a sealed value has no known form')
      for (const key of derived) {
        try {
          const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url')).setAAD(Buffer.from(place))
          decipher.setAuthTag(Buffer.from(tag, 'base64url'))
          return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString('utf8')
        } catch {
          // The next key may fit.
        }
      }
      throw new Error('a sealed value opens with none of the keys: ENCRYPTION_KEY was changed without ENCRYPTION_KEY_PREVIOUS')
    },
  }
}
