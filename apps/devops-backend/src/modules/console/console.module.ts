import * as actions from '@console/contracts/console/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Context } from '@console/http-kit/context'
import { csrfRefreshSec } from '@console/tokens/csrf'
import { hostInfo, type Parts } from './parts.ts'

type Deps = {
  readonly parts: Parts
  readonly csrfFor: (ctx: Context) => string
  readonly hostName: string
  readonly seesAgents: (address: string) => boolean
}

/** What the console says of itself. */
export const bindConsole = ({ parts, csrfFor, hostName, seesAgents }: Deps): BoundAction[] => [
  bind(actions.getHealth, async () => {
    const problems = parts
      .list()
      .filter(({ state }) => state !== 'up')
      .map(({ part, detail }) => `${part}: ${detail}`)
    return { status: problems.length === 0 ? ('ok' as const) : ('degraded' as const), problems }
  }),
  bind(actions.getCsrfToken, async ({ ctx }) => ({ csrfToken: csrfFor(ctx), refreshAfterSec: csrfRefreshSec })),
  bind(actions.listParts, async ({ ctx }) => ({
    host: hostInfo(hostName),
    role: ctx.actor.role ?? 'viewer',
    parts: parts.list(),
    agents: seesAgents(ctx.address) ? ('open' as const) : ('private' as const),
  })),
]
