import { MODEL } from '@console/verbs/patterns'
import { z } from 'zod'
import { Digest, Id, Instant } from '../shapes.ts'

const Bytes = z.int().min(0)
/** As Ollama names it: `[[host/]namespace/]model[:tag]`. */
export const ModelName = z.string().regex(MODEL, 'the name of a model, such as llama3.2:3b')

/** In memory. `expiresAt` is null where it is kept until somebody unloads it. */
export const LoadedModel = z.strictObject({ sizeBytes: Bytes, vramBytes: Bytes, expiresAt: Instant.nullable() })

/** A model on disk. `lastSeenLoadedAt` is when host-agent last saw it in memory: Ollama keeps no record of use. */
export const OllamaModel = z.strictObject({
  name: ModelName,
  digest: Digest,
  sizeBytes: Bytes,
  modifiedAt: Instant.nullable(),
  family: z.string().nullable(),
  parameterSize: z.string().nullable(),
  quantisation: z.string().nullable(),
  lastSeenLoadedAt: Instant.nullable(),
  loaded: LoadedModel.nullable(),
})
export type OllamaModel = z.infer<typeof OllamaModel>

/** A pull as host-agent carries it out; it goes on whoever watches. */
export const ModelPull = z.strictObject({
  pullId: Id,
  name: ModelName,
  by: z.string(),
  requestId: z.string(),
  reason: z.string().nullable(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']),
  code: z.string().nullable(),
  cancelledBy: z.string().nullable(),
  digest: Digest.nullable(),
  phase: z.enum(['manifest', 'layers', 'verifying', 'writing', 'done']),
  /** Of the layers that were announced so far. */
  totalBytes: Bytes,
  completedBytes: Bytes,
  layers: z.int(),
  layersDone: z.int(),
  bytesPerSec: z.int().nullable(),
})
export type ModelPull = z.infer<typeof ModelPull>

export const ModelList = z.strictObject({
  items: z.array(OllamaModel),
  nextCursor: z.null(),
  /** Of when what is listed is; null where Ollama has not answered yet. */
  at: Instant.nullable(),
  /** Why nothing newer is known. What is listed is what was known before. */
  trouble: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  version: z.string().nullable(),
  answerMs: z.int().nullable(),
  /** Since when host-agent looks which models are loaded. */
  watchedSince: Instant,
  /** Entries of Ollama that no name can be made of, and which are not listed. */
  left: z.int(),
  /** Newest first. */
  pulls: z.array(ModelPull),
})
export type ModelList = z.infer<typeof ModelList>

/** What deleting a model removes, as host-agent made it. The browser hashes this very object. */
export const ModelDeletePlan = z.strictObject({
  v: z.literal(1),
  verb: z.literal('ollama.delete'),
  hostId: z.literal('local'),
  planId: Id,
  createdAt: Instant,
  expiresAt: Instant,
  plannedBy: z.string(),
  name: ModelName,
  modelDigest: Digest,
  sizeBytes: Bytes,
  /** At most: layers that another model shares stay. */
  freesBytes: Bytes,
  /** Other names of the same model. */
  sharedWith: z.array(ModelName),
})
export type ModelDeletePlan = z.infer<typeof ModelDeletePlan>
