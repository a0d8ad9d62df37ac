import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { DaemonOptions } from '@console/verb-kit/daemon'
import { type Handled, handle } from '@console/verb-kit/handler'
import { DaemonError } from '@console/verb-kit/problem'
import * as rows from '@console/verbs/ollama'
import { createOllama, type Ollama } from './ask-ollama.ts'
import { openDeletePlans } from './delete-plans.ts'
import { registryOf, wholeName } from './model-names.ts'
import { openPulls, type Pull } from './pulls.ts'
import { type Listed, type Loaded, type Model, readLoaded, readModels, readVersion } from './read-models.ts'
import { openSeenLoaded } from './seen-loaded.ts'

export type OllamaConfig = { readonly port: number; readonly registries: readonly string[] }
type Options = OllamaConfig & {
  /** The agent's own folder. */
  readonly dir: string
  readonly journal: Pick<Parameters<DaemonOptions['handlersWith']>[0], 'append'>
  readonly log: (level: 'warn' | 'error', msg: string, more?: object) => void
  readonly now?: () => Date
  readonly ollama?: Ollama
  readonly watchMs?: number
  /** How long an answer waits until a model has left the memory. */
  readonly unloadMs?: number
}
type Look = {
  readonly at: string | null
  readonly answerMs: number | null
  readonly version: string | null
  readonly models: Listed<Model>
  readonly loaded: Listed<Loaded>
}
export type OllamaDesk = { readonly verbs: readonly Handled[]; stop(): Promise<void> }

/** Ollama's models: what is there, what is loaded, pulls and deletions. */
export function openOllamaDesk(options: Options): OllamaDesk {
  const { registries, journal, log, now = () => new Date(), watchMs = 60_000, unloadMs = 10_000 } = options
  const ollama = options.ollama ?? createOllama(options.port)
  const dir = join(options.dir, 'ollama')
  const seen = openSeenLoaded(dir, { now, log: (msg, error) => log('warn', msg, { error: String(error) }) })
  const pulls = openPulls({
    dir,
    ollama,
    now,
    monotonic: () => performance.now(),
    ended: (pull) => void recordEnd(pull, { journal, log }),
    log: (msg, error) => log('error', msg, { error: String(error) }),
  })
  const plans = openDeletePlans(dir, { ollama, now })
  const look = async (): Promise<Look> => {
    const startedMs = performance.now()
    const [version, models, loaded] = await Promise.all([readVersion(ollama), readModels(ollama), readLoaded(ollama, now().getTime())])
    seen.note(loaded.items)
    return { at: now().toISOString(), answerMs: Math.round(performance.now() - startedMs), version, models, loaded }
  }
  const shared = sharing(look)
  const watch = setInterval(() => {
    readLoaded(ollama, now().getTime()).then(
      ({ items }) => seen.note(items),
      // An Ollama that is away is told to whoever looks.
      () => undefined,
    )
  }, watchMs)
  watch.unref()

  let last: Look | null = null
  /** Without an Ollama what was known is told, with its time and why there is nothing newer. */
  const list = async (): Promise<object> => {
    const trouble = await shared.look().then(
      (seenNow) => {
        last = seenNow
        return null
      },
      (error: unknown) => {
        if (!(error instanceof DaemonError)) throw error
        return { code: error.code, message: error.message }
      },
    )
    const { models, loaded, ...about } = last ?? nothingKnown
    return {
      ...about,
      trouble,
      watchedSince: seen.since,
      models: models.items.map((model) => ({ ...model, lastSeenLoadedAt: seen.lastSeen(model) })),
      loaded: loaded.items,
      left: models.left + loaded.left,
      pulls: pulls.list(),
    }
  }
  const targetOf = ({ name }: { name: string }): string => name
  return {
    verbs: [
      handle(rows.listModels, list),
      handle(rows.unloadModel, ({ name }) => unload({ ollama, now, unloadMs }, name).finally(shared.forget), { targetOf }),
      handle(
        rows.pullModel,
        async ({ name, reason = null }, { caller, requestId }) => {
          const whole = wholeName(name)
          const registry = registryOf(name)
          if (!registries.includes(registry))
            throw new DaemonError('OLLAMA_REGISTRY_REFUSED', 403, `${registry} is none of the registries of OLLAMA_REGISTRIES.`, {
              untouched: true,
            })
          // Without an Ollama nothing would come of it, and the place of a pull stays free.
          await readVersion(ollama)
          return { pull: pulls.start({ name: whole, by: caller.id, requestId, reason }) }
        },
        { targetOf },
      ),
      handle(rows.cancelPull, async ({ pullId }, { caller }) => ({ pull: pulls.cancel(pullId, caller.id) }), {
        targetOf: ({ pullId }) => pullId,
        essential: true,
      }),
      handle(rows.planDelete, ({ name }, { caller }) => plans.plan(name, caller.id)),
      handle(
        rows.deleteModel,
        async ({ name, digest }) => {
          if (pulls.isPulling(name))
            throw new DaemonError('OLLAMA_PULL_BUSY', 409, `${name} is being pulled. Cancel that first.`, { untouched: true })
          const plan = await plans.carryOut(name, digest).finally(shared.forget)
          seen.forget(name)
          return { name, modelDigest: plan.modelDigest, freesBytes: plan.freesBytes }
        },
        { targetOf, essential: true },
      ),
    ],
    async stop() {
      clearInterval(watch)
      await pulls.stop()
    },
  }
}

const nothingKnown: Look = { at: null, answerMs: null, version: null, models: { items: [], left: 0 }, loaded: { items: [], left: 0 } }

/** Those who ask while somebody looks get the same; who asks after a change gets a look that began after it. */
function sharing<T>(look: () => Promise<T>): { look: () => Promise<T>; forget: () => void } {
  let under: Promise<T> | null = null
  return {
    look() {
      const own = under ?? look()
      under = own
      const over = (): void => {
        if (under === own) under = null
      }
      own.then(over, over)
      return own
    },
    forget() {
      under = null
    },
  }
}

type Unloading = { readonly ollama: Ollama; readonly now: () => Date; readonly unloadMs: number }

/** @returns whether it has left the memory: one that is answering leaves when it is done */
async function unload({ ollama, now, unloadMs }: Unloading, name: string): Promise<{ name: string; left: boolean }> {
  const isLoaded = async (): Promise<boolean> => (await readLoaded(ollama, now().getTime())).items.some((one) => one.name === name)
  if (!(await isLoaded())) throw new DaemonError('OLLAMA_MODEL_NOT_LOADED', 409, `${name} is not in memory.`, { untouched: true })
  const { status } = await ollama.json({ method: 'POST', path: '/api/generate', body: { model: name, keep_alive: 0, stream: false } })
  if (status === 404) throw new DaemonError('OLLAMA_MODEL_NOT_FOUND', 404, `There is no model ${name} at Ollama.`)
  if (status !== 200) throw new DaemonError('OLLAMA_ERROR', 502, `Ollama refused to unload the model: status ${status}.`)
  const end = performance.now() + unloadMs
  while (await isLoaded()) {
    if (performance.now() > end) return { name, left: false }
    await pause(100)
  }
  return { name, left: true }
}

/** The end of a pull is told where its begin stands. */
async function recordEnd(pull: Pull, { journal, log }: Pick<Options, 'journal' | 'log'>): Promise<void> {
  const { name, by, requestId, pullId, state, code, totalBytes, completedBytes, digest, cancelledBy } = pull
  const failed = state === 'succeeded' ? {} : { code: code ?? `PULL_${state.toUpperCase()}` }
  await journal
    .append({
      action: 'ollama.pull.end',
      actor: { kind: 'person', id: by },
      requestId,
      target: name,
      risk: 'change',
      outcome: state === 'succeeded' ? 'done' : 'failed',
      ...failed,
      details: { pullId, state, totalBytes, completedBytes, digest, ...(cancelledBy && { cancelledBy }) },
    })
    .catch((error: unknown) => log('error', 'the end of a pull could not be recorded', { error: String(error) }))
}
