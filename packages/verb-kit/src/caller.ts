import { verifyAccessToken } from '@console/tokens/access-token'
import type { KeySource } from '@console/tokens/key-source'
import { verifyServiceToken } from '@console/tokens/service-token'
import { TokenError } from '@console/tokens/token-error'
import type { Role } from '@console/verbs/verb'
import { DaemonError } from './problem.ts'

/** Who asks: a person by the access token that the backend forwards, or the backend by its own key. */
export type Caller =
  | { readonly kind: 'person'; readonly id: string; readonly sid: string; readonly role: Role; readonly amr: readonly string[] }
  | { readonly kind: 'service'; readonly id: string }
export type Trust = {
  readonly daemon: string
  readonly productId: string
  readonly tokenKeys: KeySource
  readonly serviceKeysOf: (name: string) => KeySource
  readonly now: () => number
}

/** The one service that may ask a daemon by its key. */
const backend = 'devops-backend'

/** @throws DaemonError 401 */
export function callerOf(authorization: string | undefined, { daemon, productId, tokenKeys, serviceKeysOf, now }: Trust): Caller {
  const token = /^Bearer ([A-Za-z0-9._-]+)$/.exec(authorization ?? '')?.[1]
  if (!token) throw new DaemonError('AUTH_REQUIRED', 401, 'The call carries no token.')
  try {
    if (kindOf(token) === 'service+jwt') {
      verifyServiceToken(token, { name: backend, keysOf: serviceKeysOf, audience: daemon, nowMs: now() })
      return { kind: 'service', id: `system:${backend}` }
    }
    const { sub, sid, role, amr } = verifyAccessToken(token, { keys: tokenKeys, audience: productId, nowMs: now() })
    return { kind: 'person', id: sub, sid, role, amr }
  } catch (error) {
    if (error instanceof TokenError)
      throw new DaemonError('AUTH_TOKEN_INVALID', 401, 'The token is not one that this part accepts.', { cause: error })
    throw error
  }
}

/** Which check a token gets; the check itself believes nothing of this. */
function kindOf(token: string): unknown {
  try {
    return (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { typ?: unknown }).typ
  } catch {
    return null
  }
}
