import { createHmac, randomBytes } from 'node:crypto'
import type { Collection } from '@console/store/port'
import { partition } from '../collections.ts'
import type { UpstreamFlowDoc } from '../documents.ts'
import { hashOf, newSecret, sameHash } from './secret-value.ts'
import { lostRace } from './store-errors.ts'

/** What binds a sign-in at the provider to the browser that began it (RFC 9700, sections 2.1 and 4.7). */
export type UpstreamSecrets = { readonly state: string; readonly nonce: string; readonly verifier: string }
type Begun = Pick<UpstreamFlowDoc, 'app' | 'userId' | 'sid' | 'invite'>
export type UpstreamFlows = {
  /** @returns the cookie’s value, and what goes to the provider */
  begin(flow: Begun): Promise<{ cookie: string; secrets: UpstreamSecrets }>
  /** Uses it up, whether the state fits or not; of several at once one gets it. Null for one that is over, used, or of another browser. */
  take(cookie: string, state: string): Promise<{ flow: UpstreamFlowDoc; secrets: UpstreamSecrets } | null>
  readonly lifeSec: number
}
type Deps = { readonly flows: Collection<UpstreamFlowDoc>; readonly now: () => number }

const lifeSec = 600
const prefix = 'blo_'

export function createUpstreamFlows({ flows, now }: Deps): UpstreamFlows {
  return {
    lifeSec,
    async begin(flow) {
      const cookie = newSecret(prefix)
      const salt = randomBytes(32).toString('base64url')
      const expiresAt = new Date(now() + lifeSec * 1_000).toISOString()
      await flows.insert(partition, hashOf(cookie), { v: 1, kind: 'upstream', salt, ...flow, expiresAt })
      return { cookie, secrets: secretsOf(cookie, salt) }
    },
    async take(cookie, state) {
      const stored = await flows.get(partition, hashOf(cookie))
      if (stored?.doc.kind !== 'upstream') return null
      try {
        await flows.remove(partition, stored.id, stored.etag)
      } catch (error) {
        if (lostRace(error)) return null
        throw error
      }
      const secrets = secretsOf(cookie, stored.doc.salt)
      if (Date.parse(stored.doc.expiresAt) <= now() || !sameHash(hashOf(state), hashOf(secrets.state))) return null
      return { flow: stored.doc, secrets }
    },
  }
}

/** 43 characters each, as a verifier of PKCE needs at least (RFC 7636, section 4.1). */
function secretsOf(cookie: string, salt: string): UpstreamSecrets {
  const derived = (what: string) => createHmac('sha256', cookie).update(`${salt} ${what}`).digest('base64url')
  return { state: derived('state'), nonce: derived('nonce'), verifier: derived('verifier') }
}
