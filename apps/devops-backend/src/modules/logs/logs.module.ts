import * as actions from '@console/contracts/logs/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { DockerDeps } from '../../clients/docker-proxy.ts'
import { lineEvents, openAll } from './logs.ts'

const tailByDefault = 100

export const bindLogs = ({ docker, askAs }: DockerDeps): BoundAction[] => [
  bind(actions.listLogSources, async ({ ctx }) => {
    const { items } = await docker.list('all', askAs(ctx))
    return {
      items: items.map(({ name, id, state, project }) => ({ name, id, state, project })).sort((a, b) => a.name.localeCompare(b.name)),
      nextCursor: null,
    }
  }),
  bind(actions.streamLogs, async ({ ctx, query }) => {
    const open = (name: string) => docker.logs({ container: name, tail: query.tail ?? tailByDefault, follow: true }, askAs(ctx))
    return lineEvents(await openAll(query.c, open), (ended) => ended)
  }),
]
