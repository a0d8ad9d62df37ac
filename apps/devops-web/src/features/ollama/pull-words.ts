import type { ModelPull } from '@console/contracts/ollama/schemas'
import { formatBytes, formatDuration } from '@console/ui/format.ts'
import type { StatusKind } from '@console/ui/status.tsx'

/** `5.6 GiB of 13.0 GiB, layer 3 of 7, 48.0 MiB/s, about 2 m 40 s left`; the total grows while layers are announced. */
export function progressWords({ phase, totalBytes, completedBytes, layers, layersDone, bytesPerSec }: ModelPull): string {
  if (phase === 'verifying') return `${formatBytes(totalBytes)} fetched, checking them`
  if (phase === 'writing' || phase === 'done') return `${formatBytes(totalBytes)} fetched, writing the manifest`
  if (totalBytes === 0) return 'Asking the registry what the model is made of'
  const leftMs = bytesPerSec ? ((totalBytes - completedBytes) / bytesPerSec) * 1_000 : null
  return [
    `${formatBytes(completedBytes)} of ${formatBytes(totalBytes)}`,
    `layer ${Math.min(layers, layersDone + 1)} of ${layers}`,
    ...(bytesPerSec ? [`${formatBytes(bytesPerSec)}/s`] : []),
    ...(leftMs ? [`about ${formatDuration(leftMs)} left`] : []),
  ].join(', ')
}

const states: Readonly<Record<ModelPull['state'], { kind: StatusKind; text: string }>> = {
  running: { kind: 'running', text: 'running' },
  succeeded: { kind: 'ok', text: 'succeeded' },
  failed: { kind: 'bad', text: 'failed' },
  cancelled: { kind: 'cancelled', text: 'cancelled' },
  interrupted: { kind: 'interrupted', text: 'interrupted' },
}
const failures: Readonly<Record<string, string>> = {
  OLLAMA_PULL_FAILED: 'Ollama could not pull it; its own log on the host says why',
  OLLAMA_PULL_LATE: 'it took longer than 12 h',
  OLLAMA_AWAY: 'Ollama went away, or was silent for 5 min',
  OLLAMA_ERROR: 'Ollama answered something that cannot be used',
  OLLAMA_MODEL_NOT_FOUND: 'Ollama says that it succeeded, and lists no such model',
}

/** What came of a pull, with its mark and why. */
export function endOf({ state, code }: ModelPull): { kind: StatusKind; text: string; why: string | null } {
  const why = state === 'interrupted' ? 'host-agent ended meanwhile; pull it again' : code === null ? null : (failures[code] ?? code)
  return { ...states[state], why }
}
