import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

type Question = { readonly challenge: string; readonly rpId: string }
type Over = {
  readonly origin?: string
  readonly rpId?: string
  /** Whether the person was verified by the authenticator. */
  readonly verified?: boolean
  /** What the counter says; one more than the last time where it is not given. */
  readonly counter?: number
  readonly userHandle?: string
  readonly credentialId?: string
}
export type SoftPasskey = {
  make(offer: Question & { readonly user: { readonly id: string } }, over?: Over): object
  answer(question: Question, over?: Over): Record<string, string>
}

const text = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url')
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest()

/** An authenticator with one ES256 key: bytes written from the WebAuthn standard, not with the library under test. */
export function createSoftPasskey(home = 'http://localhost:3001'): SoftPasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(32)
  let counter = 0
  let handle = ''
  const clientData = (type: string, { challenge }: Question, origin = home) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
  const authenticatorData = (question: Question, { rpId = question.rpId, verified = true, counter: says }: Over, attested?: Buffer) => {
    counter = says ?? counter + 1
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    const flags = 0x01 | (verified ? 0x04 : 0) | (attested ? 0x40 : 0)
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, attested ?? Buffer.alloc(0)])
  }
  return {
    make(offer, over = {}) {
      handle = offer.user.id
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      const coordinate = (value: string) => bytes(Buffer.from(value, 'base64url'))
      // {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
      const key = Buffer.concat([
        Buffer.from('a5010203262001', 'hex'),
        Buffer.from([0x21]),
        coordinate(x),
        Buffer.from([0x22]),
        coordinate(y),
      ])
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, key])
      const attestation = [word('fmt'), word('none'), word('attStmt'), Buffer.from([0xa0]), word('authData')]
      return {
        credentialId: text(id),
        clientDataJSON: text(clientData('webauthn.create', offer, over.origin)),
        attestationObject: text(Buffer.concat([Buffer.from([0xa3]), ...attestation, bytes(authenticatorData(offer, over, attested))])),
      }
    },
    answer(question, over = {}) {
      const data = authenticatorData(question, over)
      const client = clientData('webauthn.get', question, over.origin)
      return {
        credentialId: over.credentialId ?? text(id),
        clientDataJSON: text(client),
        authenticatorData: text(data),
        signature: text(sign('sha256', Buffer.concat([data, sha256(client)]), privateKey)),
        userHandle: over.userHandle ?? handle,
      }
    },
  }
}

/** CBOR: a text of less than 24 bytes. */
function word(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 | value.length]), Buffer.from(value)])
}

/** CBOR: a string of 24 to 255 bytes. */
function bytes(value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x58, value.length]), value])
}
