import type { Agent } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import type { CosmosClient } from '@azure/cosmos'
import { type AzureIdentity, freshToken } from '@console/tokens/azure-identity'
import type { Patience } from './cosmos-attempts.ts'

/** A key of the account, or whom Entra ID knows this program as: that one needs the role of a data contributor, and can make no container. */
export type CosmosAccess = { readonly key: string } | { readonly identity: AzureIdentity }
export type CosmosAccount = CosmosAccess & {
  readonly endpoint: string
  /** How long one request may take. */
  readonly requestTimeoutMs?: number
  readonly agent?: Agent
}
export const usualPatience: Patience = { budgetMs: 10_000, pauseMs: 50, wait: (ms) => wait(ms), random: Math.random }

/** The maintained SDK for one account. It is loaded here, so that it costs nothing where another store is used. */
export async function clientOf({ endpoint, requestTimeoutMs = 10_000, ...more }: CosmosAccount): Promise<CosmosClient> {
  const { CosmosClient } = await import('@azure/cosmos')
  return new CosmosClient({
    endpoint,
    ...('key' in more ? { key: more.key } : { aadCredentials: { getToken: (scope: string | string[]) => tokenFor(more.identity, scope) } }),
    ...(more.agent && { agent: more.agent }),
    connectionPolicy: {
      requestTimeout: requestTimeoutMs,
      // One region, the one that is named: another region could answer with what was true before.
      enableEndpointDiscovery: false,
      useMultipleWriteLocations: false,
      // Refusals for want of throughput are waited for by one place, `askPatiently`.
      retryOptions: { maxRetryAttemptCount: 0 },
    },
  })
}

/** What the SDK asks for once, and again before it ends. The scope is that of the account: a token for another one is of no use here. */
async function tokenFor(identity: AzureIdentity, scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }> {
  const resource = [scopes]
    .flat()
    .join()
    .replace(/\/\.default$/, '')
  const { text, untilMs } = await freshToken(identity, resource, { now: Date.now, pauseMs: 500 })
  return { token: text, expiresOnTimestamp: untilMs }
}
