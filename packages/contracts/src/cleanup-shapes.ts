import { z } from 'zod'
import { Digest, HostId, Id, Instant } from './shapes.ts'

export const Bytes = z.int().min(0)

/** What the plan of every cleanup says beside its objects. The browser hashes the whole plan as it is. @param verb that carries it out */
export function planFields<const V extends string>(verb: V) {
  return {
    v: z.literal(1),
    verb: z.literal(verb),
    hostId: HostId,
    planId: Id,
    createdAt: Instant,
    expiresAt: Instant,
    plannedBy: z.string(),
    totalBytes: Bytes,
    leftCount: z.int().min(0),
  }
}

/** A plan beside what came of it, whatever was cleaned. @param kind of its objects @param exception one that did not simply go */
export function receiptFields<K extends z.ZodType, E extends z.ZodType>(kind: K, exception: E) {
  return {
    planId: Id,
    digest: Digest,
    state: z.enum(['running', 'done', 'stopped', 'interrupted']),
    code: z.string().nullable(),
    by: z.string(),
    plannedBy: z.string(),
    reason: z.string().nullable(),
    requestId: z.string(),
    startedAt: Instant,
    endedAt: Instant.nullable(),
    planned: z.int().min(0),
    plannedBytes: Bytes,
    /** How many objects there is a result of. */
    reached: z.int().min(0),
    kinds: z.array(z.strictObject({ kind, planned: z.int().min(0), plannedBytes: Bytes, removed: z.int().min(0), freedBytes: Bytes })),
    exceptions: z.array(exception),
    exceptionCount: z.int().min(0),
  }
}
