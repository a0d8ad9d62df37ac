import { DaemonError } from '@console/verb-kit/problem'
import { MODEL } from '@console/verbs/patterns'
import { nonsense, type Ollama } from './ask-ollama.ts'

/** A model on disk. Its digest is that of its manifest: two names of one digest are one model. */
export type Model = {
  readonly name: string
  readonly digest: string
  readonly sizeBytes: number
  readonly modifiedAt: string | null
  readonly family: string | null
  readonly parameterSize: string | null
  readonly quantisation: string | null
}
export type Loaded = {
  readonly name: string
  readonly digest: string
  readonly sizeBytes: number
  readonly vramBytes: number
  /** Null where it is kept until somebody unloads it. */
  readonly expiresAt: string | null
}
/** `left` counts entries that are no models one could name. */
export type Listed<T> = { readonly items: readonly T[]; readonly left: number }

const mostModels = 1_000
/** Ollama says for ever with a time hundreds of years ahead. */
const forEverMs = 50 * 365 * 86_400_000

export async function readVersion(ollama: Ollama): Promise<string> {
  const { body } = await good(ollama, '/api/version')
  const version = word(object(body).version, 40)
  if (version === null) throw nonsense('it has no version')
  return version
}

export const readModels = async (ollama: Ollama): Promise<Listed<Model>> => listOf((await good(ollama, '/api/tags')).body, modelOf)

export async function readLoaded(ollama: Ollama, now: number): Promise<Listed<Loaded>> {
  return listOf((await good(ollama, '/api/ps')).body, (raw) => loadedOf(raw, now))
}

/** The model of exactly this name. @throws DaemonError where there is none */
export async function findModel(ollama: Ollama, name: string): Promise<{ model: Model; all: readonly Model[] }> {
  const all = (await readModels(ollama)).items
  const model = all.find((one) => one.name === name)
  if (!model) throw new DaemonError('OLLAMA_MODEL_NOT_FOUND', 404, `There is no model ${name} at Ollama.`, { untouched: true })
  return { model, all }
}

async function good(ollama: Ollama, path: '/api/version' | '/api/tags' | '/api/ps'): Promise<{ body: unknown }> {
  const { status, body } = await ollama.json({ method: 'GET', path })
  if (status !== 200) throw nonsense(`status ${status}`)
  return { body }
}

function listOf<T>(body: unknown, read: (raw: Record<string, unknown>) => T | null): Listed<T> {
  const raw = object(body).models
  // An Ollama without any model answers null in some versions.
  if (raw !== null && !Array.isArray(raw)) throw nonsense('it has no list of models')
  const all = (raw ?? []).map((value: unknown) => read(object(value)))
  const items = all.filter((one): one is T => one !== null).slice(0, mostModels)
  return { items, left: all.length - items.length }
}

function modelOf(raw: Record<string, unknown>): Model | null {
  const known = named(raw)
  if (!known) return null
  const details = object(raw.details)
  return {
    ...known,
    modifiedAt: instant(raw.modified_at),
    family: word(details.family, 60),
    parameterSize: word(details.parameter_size, 20),
    quantisation: word(details.quantization_level, 20),
  }
}

function loadedOf(raw: Record<string, unknown>, now: number): Loaded | null {
  const known = named(raw)
  if (!known) return null
  const expiresAt = instant(raw.expires_at)
  const kept = expiresAt !== null && Date.parse(expiresAt) > now + forEverMs
  return { ...known, vramBytes: bytes(raw.size_vram) ?? 0, expiresAt: kept ? null : expiresAt }
}

/** What has no name that could be asked for by, or no digest, is none that anything could be done with. */
function named(raw: Record<string, unknown>): Pick<Model, 'name' | 'digest' | 'sizeBytes'> | null {
  const name = typeof raw.name === 'string' && MODEL.test(raw.name) ? raw.name : null
  const digest = typeof raw.digest === 'string' ? raw.digest.replace(/^sha256:/, '') : ''
  const sizeBytes = bytes(raw.size)
  return name !== null && /^[a-f0-9]{64}$/.test(digest) && sizeBytes !== null ? { name, digest, sizeBytes } : null
}

export function bytes(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** A word of Ollama's own, such as `llama` or `Q4_K_M`; anything else is not known. */
function word(value: unknown, most: number): string | null {
  return typeof value === 'string' && value.length <= most && /^[a-zA-Z0-9][a-zA-Z0-9._+ -]*$/.test(value) ? value : null
}

/** Its times have nanoseconds and a zone. */
function instant(value: unknown): string | null {
  const time = typeof value === 'string' && value.length <= 64 ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) || time <= 0 || time > 253_402_300_799_999 ? null : new Date(time).toISOString()
}

export function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
