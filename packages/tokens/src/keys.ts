import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto'

export type KeyPair = { readonly kid: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject; readonly jwk: PublicJwk }
/** An Ed25519 public key as RFC 8037 writes it. */
export type PublicJwk = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

const minimumBytes = 32
/** DER of a PKCS #8 Ed25519 private key up to its 32 bytes (RFC 8410, section 7). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')
const samples =
  /change[-_ ]?me|example|sample|placeholder|password|secret[-_ ]?key|your[-_ ]|dummy|insecure|default|xxxx|^(.)\1*$|^(0123456789|abcdef)/i

/**
 * Refuses a secret that guards nothing: under 32 bytes, or one of the texts that stand in examples. Libraries do not: jose signs with 8 bytes.
 * @throws Error that names the variable and says how to make one
 */
export function assertSecret(name: string, value: string): void {
  const make = `Make one with: openssl rand -base64 32`
  if (Buffer.byteLength(value) < minimumBytes) throw new Error(`${name} is shorter than ${minimumBytes} bytes. ${make}`)
  if (samples.test(value) || new Set(value).size < 10) throw new Error(`${name} looks like a sample, not a secret. ${make}`)
}

/** The Ed25519 pair that follows from a secret by HKDF-SHA-256 (RFC 5869): the same secret always gives the same keys. */
export function signingKeyFrom(secret: string): KeyPair {
  const seed = Buffer.from(hkdfSync('sha256', secret, 'bytelyst', 'ed25519 signing key v1', 32))
  return keyPairOf(createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' }))
}

/** A private key with its public half and key id. @throws TypeError for a key that is not Ed25519 */
export function keyPairOf(privateKey: KeyObject): KeyPair {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('only Ed25519 keys sign here')
  const publicKey = createPublicKey(privateKey)
  const jwk = jwkOf(publicKey)
  return { kid: jwk.kid, privateKey, publicKey, jwk }
}

export function jwkOf(publicKey: KeyObject): PublicJwk {
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x, kid: thumbprint(x), use: 'sig', alg: 'EdDSA' }
}

/** RFC 7638: SHA-256 over the required members in their order, base64url. */
export function kidOf(publicKey: KeyObject): string {
  return jwkOf(publicKey).kid
}

/** Reads a public key from a JWK; its `kid` is computed, never believed. @throws TypeError for anything but Ed25519 */
export function publicKeyFrom(value: unknown): { kid: string; publicKey: KeyObject } {
  const { kty, crv, x, d } = (value ?? {}) as Record<string, unknown>
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(x))
    throw new TypeError('not an Ed25519 public key')
  if (d !== undefined) throw new TypeError('a private key does not belong here')
  return { kid: thumbprint(x), publicKey: createPublicKey({ key: { kty, crv, x }, format: 'jwk' }) }
}

function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')
}
