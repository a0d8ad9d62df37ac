import { type Handled, handle, readyJson } from '@console/verb-kit/handler'
import { DaemonError } from '@console/verb-kit/problem'
import * as rows from '@console/verbs/containers'
import { getEngine, watchEvents } from '@console/verbs/engine'
import type { Follows } from '../follows.ts'
import type { Listed, Model } from '../model.ts'
import type { Container } from '../projection.ts'
import { measure } from './measure.ts'
import { readLog } from './read-log.ts'

const waitByDefault = 10

/** The verbs of docker-proxy, each bound to what carries it out. */
export function containerVerbs(model: Model, follows: Follows): Handled[] {
  const busy = new Set<string>()
  const listed = createLists(model)
  return [
    handle(getEngine, async () => model.info()),
    handle(watchEvents, (_, { signal }) => model.watch(signal)),
    handle(rows.listContainers, async ({ state = 'all' }) => listed(state)),
    handle(rows.inspectContainer, async ({ container: ref }) => {
      const { container, detail, asOf, freshness } = await model.inspected(ref)
      return { container: { ...container, ...detail }, asOf, freshness }
    }),
    handle(rows.measureContainer, ({ container }) => measure(model, container)),
    handle(rows.readContainerLog, (args, { signal }) => readLog({ model, follows }, args, signal)),
    handle(rows.restartContainer, ({ container, waitSec = waitByDefault }) => restart({ model, busy }, container, waitSec), {
      essential: true,
      objectsOf: (args) => ({ ...args, container: model.idOf(args.container) ?? args.container }),
    }),
  ]
}

type Wanted = 'running' | 'exited' | 'all'

/** The answers to lists, each written once for as long as the model says the same. */
function createLists(model: Model): (wanted: Wanted) => object {
  let of: Listed | null = null
  const answers = new Map<Wanted, object>()
  return (wanted) => {
    const now = model.list()
    if (now !== of) answers.clear()
    of = now
    const answer = answers.get(wanted) ?? readyJson(Buffer.from(JSON.stringify(only(now, wanted))))
    answers.set(wanted, answer)
    return answer
  }
}

function only({ items, ...rest }: Listed, wanted: Wanted): Listed {
  return { ...rest, items: items.filter(({ state }) => wanted === 'all' || (wanted === 'running') === (state === 'running')) }
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
    await askRestart(model, container, waitSec)
    // The engine has said that it is done; what is asked now is only when it started.
    const after = await model.resolveId(container.id).catch(() => null)
    return {
      ok: true,
      id: container.id,
      name: container.name,
      startedAt: after?.detail.startedAt ?? null,
      durationMs: Math.round(performance.now() - started),
    }
  } finally {
    busy.delete(container.id)
  }
}

async function askRestart(model: Model, { id, name }: Container, waitSec: number): Promise<void> {
  const { status } = await model.engine
    .json({
      method: 'POST',
      path: `${model.prefix()}/containers/${id}/restart?t=${waitSec}`,
      mostBytes: 1_024,
      timeoutMs: (waitSec + 15) * 1_000,
      accept: [204, 304, 404, 409, 500],
    })
    .catch((error: unknown) => {
      if (!(error instanceof DaemonError) || error.untouched) throw error
      const unsure = `${error.message} Whether ${name} was restarted is not known: look at when it started.`
      throw new DaemonError(error.code, error.status, unsure, { cause: error })
    })
  if (status === 404) throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND', 404, `${name} is gone.`)
  if (status === 409) throw new DaemonError('DOCKER_CONTAINER_STATE', 409, `${name} cannot be restarted in its present state.`)
  if (status === 500) throw new DaemonError('DOCKER_ENGINE_ERROR', 502, `The engine could not restart ${name}. Its log says why.`)
}
