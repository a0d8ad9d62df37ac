import type { Client } from '@console/api-client/client'
import { askPasskey } from '@console/contracts/passkeys/actions'
import type { NewPasskey, PasskeyAnswer, PasskeyOffer } from '@console/contracts/passkeys/schemas'

/** Has the browser sign a question with a passkey that the person picks. @throws Error with a sentence for the person */
export async function answerWithPasskey(client: Client): Promise<PasskeyAnswer> {
  const { challenge, rpId } = await client.call(askPasskey, {})
  const credential = await asked(() =>
    navigator.credentials.get({ publicKey: { challenge: bytesOf(challenge), rpId, userVerification: 'required' } }),
  )
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response as AuthenticatorAssertionResponse
  return {
    credentialId: credential.id,
    clientDataJSON: textOf(clientDataJSON),
    authenticatorData: textOf(authenticatorData),
    signature: textOf(signature),
    userHandle: textOf(userHandle ?? new ArrayBuffer(0)),
  }
}

/** Has the browser make a passkey. @throws Error with a sentence for the person */
export async function makePasskey({ challenge, rpId, user, algorithms, exclude }: PasskeyOffer): Promise<NewPasskey> {
  const credential = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: bytesOf(challenge),
        rp: { id: rpId, name: 'ByteLyst' },
        user: { ...user, id: bytesOf(user.id) },
        pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: exclude.map((id) => ({ type: 'public-key', id: bytesOf(id) })),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
        attestation: 'none',
      },
    }),
  )
  const { clientDataJSON, attestationObject } = credential.response as AuthenticatorAttestationResponse
  return { credentialId: credential.id, clientDataJSON: textOf(clientDataJSON), attestationObject: textOf(attestationObject) }
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (typeof PublicKeyCredential === 'undefined') throw new Error('This browser has no passkeys. Use another way.')
  try {
    const credential = await ask()
    if (credential) return credential as PublicKeyCredential
  } catch (error) {
    const sentence = sentences[(error as Error).name]
    if (sentence) throw new Error(sentence, { cause: error })
  }
  throw new Error('No passkey was shown. Try again, or use another way.')
}

/** By the names that WebAuthn gives its errors. */
const sentences: { readonly [name: string]: string } = {
  InvalidStateError: 'This device or key has a passkey for you already.',
  SecurityError: 'Passkeys work only at the address that this console is made for.',
}

function bytesOf(base64Url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64Url.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
}

function textOf(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
