import type { Context } from '@console/http-kit/context'
import type { KeyPair } from '@console/tokens/keys'
import { signServiceToken } from '@console/tokens/service-token'
import type { Config } from '../config.ts'
import { type Ask, createDaemonClient } from './daemon-client.ts'
import { dockerProxyOver } from './docker-proxy.ts'
import { hostAgentOver } from './host-agent.ts'
import { createPlatformClient } from './platform.ts'

/** The other parts of the console as this service asks them, each with this service's own key or with what the person's request brought. */
export function openClients(
  { dockerProxySocket, hostAgentSocket, platformUrl }: Pick<Config, 'dockerProxySocket' | 'hostAgentSocket' | 'platformUrl'>,
  { key, name, monotonic }: { readonly key: KeyPair; readonly name: string; readonly monotonic: () => number },
) {
  const serviceToken = (audience: string): string => signServiceToken(key, { name, audience, nowMs: Date.now() })
  const dockerClient = createDaemonClient({
    daemon: 'docker-proxy',
    socketPath: dockerProxySocket,
    away: 'DOCKER_PROXY_AWAY',
    serviceToken,
  })
  const agentClient = createDaemonClient({ daemon: 'host-agent', socketPath: hostAgentSocket, away: 'HOST_AGENT_AWAY', serviceToken })
  const platform = createPlatformClient({ baseUrl: platformUrl, serviceToken, clock: { monotonic, wall: Date.now } })
  return {
    dockerClient,
    agentClient,
    platform,
    docker: dockerProxyOver(dockerClient),
    agent: hostAgentOver(agentClient),
    serviceAsk: (): Ask => ({ as: 'service', requestId: 'system' }),
    askAs: (ctx: Context): Ask => ({
      as: { accessToken: ctx.actor.accessToken ?? '', grant: ctx.grant },
      requestId: ctx.requestId,
      signal: ctx.signal,
    }),
    async close(): Promise<void> {
      await Promise.all([dockerClient, agentClient, platform].map((one) => one.close().catch(() => undefined)))
    },
  }
}
