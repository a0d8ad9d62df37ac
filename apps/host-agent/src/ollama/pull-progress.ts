import { DaemonError } from '@console/verb-kit/problem'
import { nonsense } from './ask-ollama.ts'
import { bytes, object } from './read-models.ts'

export type Phase = 'manifest' | 'layers' | 'verifying' | 'writing' | 'done'
/** How far a pull is, as far as Ollama has told. The sums grow while layers are announced. */
export type Progress = {
  readonly phase: Phase
  readonly totalBytes: number
  readonly completedBytes: number
  readonly layers: number
  readonly layersDone: number
  /** Over the last seconds; null while there is only one moment to go by. */
  readonly bytesPerSec: number | null
}

const mostLayers = 500
const windowMs = 10_000
const sampleMs = 500

/** Reads the lines of a pull. Only numbers and the kind of a line are taken over; no text of Ollama's is kept. */
export function createPullProgress(monotonic: () => number) {
  const layers = new Map<string, { total: number; completed: number }>()
  const samples: { readonly at: number; readonly completed: number }[] = []
  let phase: Phase = 'manifest'
  const sum = (key: 'total' | 'completed'): number => [...layers.values()].reduce((all, layer) => all + layer[key], 0)
  const sample = (): void => {
    const at = monotonic()
    const last = samples.at(-1)
    if (last && at - last.at < sampleMs) return
    samples.push({ at, completed: sum('completed') })
    while (samples.length > 2 && at - (samples[0]?.at ?? 0) > windowMs) samples.shift()
  }
  return {
    get phase(): Phase {
      return phase
    },
    /** @throws DaemonError where Ollama says that it failed, or what it says makes no sense */
    take(value: unknown): void {
      const line = object(value)
      // Its words may name hosts and paths of the network; the log of Ollama has them.
      if (typeof line.error === 'string')
        throw new DaemonError('OLLAMA_PULL_FAILED', 502, 'Ollama could not pull the model. Its own log on the host says why.')
      if (typeof line.status !== 'string') throw nonsense('a line of the pull has no status')
      const layer = layerOf(line)
      if (layer) {
        const { digest, total, completed } = layer
        if (!layers.has(digest) && layers.size >= mostLayers) throw nonsense('the model has too many layers')
        // Never backwards: a layer that is announced again has not been lost.
        const before = layers.get(digest)
        layers.set(digest, { total, completed: Math.min(total, Math.max(completed, before?.completed ?? 0)) })
        if (!Number.isSafeInteger(sum('total'))) throw nonsense('the model is larger than can be counted')
        phase = 'layers'
        sample()
        return
      }
      phase = phaseOf(line.status) ?? phase
    },
    now(): Progress {
      // Up to this moment, so that one that stands still is seen to slow down.
      const at = monotonic()
      const first = samples.find((one) => at - one.at <= windowMs) ?? samples.at(-1)
      const took = first ? at - first.at : 0
      return {
        phase,
        totalBytes: sum('total'),
        completedBytes: sum('completed'),
        layers: layers.size,
        layersDone: [...layers.values()].filter(({ total, completed }) => completed === total).length,
        bytesPerSec: first && took >= sampleMs ? Math.round(((sum('completed') - first.completed) * 1_000) / took) : null,
      }
    },
  }
}

function layerOf({ digest, total, completed }: Record<string, unknown>): { digest: string; total: number; completed: number } | null {
  if (digest === undefined || total === undefined) return null
  const size = bytes(total)
  const done = completed === undefined ? 0 : bytes(completed)
  if (typeof digest !== 'string' || !/^sha256:[a-f0-9]{64}$/.test(digest) || size === null || done === null)
    throw nonsense('a layer of the pull has no digest or no size')
  return { digest, total: size, completed: done }
}

function phaseOf(status: string): Phase | null {
  if (status === 'success') return 'done'
  if (status.startsWith('verifying')) return 'verifying'
  if (status.startsWith('writing') || status.startsWith('removing')) return 'writing'
  return null
}
