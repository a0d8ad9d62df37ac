import * as actions from '@console/contracts/logs/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { DockerDeps } from '../../clients/docker-proxy.ts'
import { askFrom, placesIn } from '../../log-cursor.ts'
import type { LogHub } from '../../log-hub.ts'
import { lineEvents, openAll } from './logs.ts'

const tailByDefault = 100
const mostTail = 5_000

export const bindLogs = ({ docker, logHub, askAs }: DockerDeps & { readonly logHub: LogHub }): BoundAction[] => [
  bind(actions.listLogSources, async ({ ctx }) => {
    const { items } = await docker.list('all', askAs(ctx))
    return {
      items: items.map(({ name, id, state, project }) => ({ name, id, state, project })).sort((a, b) => a.name.localeCompare(b.name)),
      nextCursor: null,
    }
  }),
  bind(actions.streamLogs, async ({ ctx, query }) => {
    const places = placesIn(ctx.lastEventId, query.c.length)
    const open = async (name: string, at: number) => {
      const place = places[at] ?? null
      const from = askFrom(place, query.tail ?? tailByDefault, mostTail)
      return logHub.follow({ container: name, ...from }, place, askAs(ctx))
    }
    return lineEvents(await openAll(query.c, open), (ended) => ended, ctx.lastEventId)
  }),
]
