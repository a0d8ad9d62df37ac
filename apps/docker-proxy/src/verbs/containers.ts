import { type Handled, handle } from '@console/verb-kit/handler'
import { DaemonError } from '@console/verb-kit/problem'
import * as rows from '@console/verbs/containers'
import { getEngine, watchEvents } from '@console/verbs/engine'
import type { Follows } from '../follows.ts'
import type { Model } from '../model.ts'
import { measure } from './measure.ts'
import { readLog } from './read-log.ts'

const waitByDefault = 10

/** The verbs of docker-proxy, each bound to what carries it out. */
export function containerVerbs(model: Model, follows: Follows): Handled[] {
  const busy = new Set<string>()
  return [
    handle(getEngine, async () => model.info()),
    handle(watchEvents, (_, { signal }) => model.watch(signal)),
    handle(rows.listContainers, async ({ state = 'all' }) => {
      const { items, ...rest } = model.list()
      return { ...rest, items: items.filter((container) => state === 'all' || (state === 'running') === (container.state === 'running')) }
    }),
    handle(rows.inspectContainer, async ({ container: ref }) => {
      const { container, detail, asOf, freshness } = await model.inspected(ref)
      return { container: { ...container, ...detail }, asOf, freshness }
    }),
    handle(rows.measureContainer, ({ container }) => measure(model, container)),
    handle(rows.readContainerLog, (args, { signal }) => readLog({ model, follows }, args, signal)),
    handle(rows.restartContainer, ({ container, waitSec = waitByDefault }) => restart({ model, busy }, container, waitSec), {
      essential: true,
    }),
  ]
}

/** Acts on the full id that the engine gave for exactly this reference a moment ago. */
async function restart({ model, busy }: { model: Model; busy: Set<string> }, ref: string, waitSec: number): Promise<object> {
  const { container } = await model.resolve(ref)
  if (container.protected)
    throw new DaemonError(
      'PROTECTED',
      403,
      `${container.name} is a part of the console. Restart it on the host: docker restart ${container.name}`,
    )
  if (container.state !== 'running' && container.state !== 'exited' && container.state !== 'restarting')
    throw new DaemonError(
      'DOCKER_CONTAINER_STATE',
      409,
      `${container.name} is ${container.state}; only a running or exited container is restarted.`,
    )
  if (busy.has(container.id)) throw new DaemonError('DOCKER_ACTION_BUSY', 409, `${container.name} is being restarted already.`)
  busy.add(container.id)
  const started = performance.now()
  try {
    const path = `${model.prefix()}/containers/${container.id}/restart?t=${waitSec}`
    const { status } = await model.engine.json({
      method: 'POST',
      path,
      mostBytes: 1_024,
      timeoutMs: (waitSec + 15) * 1_000,
      accept: [204, 304, 404, 409, 500],
    })
    if (status === 404) throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND', 404, `${container.name} is gone.`)
    if (status === 409) throw new DaemonError('DOCKER_CONTAINER_STATE', 409, `${container.name} cannot be restarted in its present state.`)
    if (status === 500)
      throw new DaemonError('DOCKER_ENGINE_ERROR', 502, `The engine could not restart ${container.name}. Its log says why.`)
    const { detail } = await model.resolve(container.id)
    return {
      ok: true,
      id: container.id,
      name: container.name,
      startedAt: detail.startedAt,
      durationMs: Math.round(performance.now() - started),
    }
  } finally {
    busy.delete(container.id)
  }
}
