import * as actions from '@console/contracts/logs/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { DockerDeps } from '../../clients/docker-proxy.ts'
import { askFrom, linesAfter, placesIn } from '../../log-cursor.ts'
import { lineEvents, openAll } from './logs.ts'

const tailByDefault = 100
const mostTail = 5_000

export const bindLogs = ({ docker, askAs }: DockerDeps): BoundAction[] => [
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
      return linesAfter(place, await docker.logs({ container: name, ...from, follow: true }, askAs(ctx)))
    }
    return lineEvents(await openAll(query.c, open), (ended) => ended, ctx.lastEventId)
  }),
]
