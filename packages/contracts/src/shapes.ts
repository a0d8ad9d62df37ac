import { DIGEST, ID, REF } from '@console/verbs/patterns'
import { z } from 'zod'
import { queryInt } from './args.ts'

/** An identifier that we made. */
export const Id = z.string().regex(ID)
/** Lower-case hex SHA-256. */
export const Digest = z.string().regex(DIGEST)
/** A container's whole name or full id. */
export const ContainerRef = z.string().regex(REF)
/** UTC, milliseconds, `2026-11-24T09:30:00.000Z`. */
export const Instant = z.iso.datetime({ precision: 3 })
/** Of a product on one host; others come later without a migration. */
export const HostId = z.literal('local')
export const Role = z.enum(['viewer', 'operator', 'admin'])
export type Role = z.infer<typeof Role>
/** Why somebody does something: kept in the audit row. */
export const Reason = z.string().trim().min(3).max(500)
export const Cursor = z.string().min(1).max(2_000)

/** Query of a list: `limit` 1…200 (50), and the cursor that the last page answered. */
export const pageQuery = { limit: queryInt(1, 200).optional(), cursor: Cursor.optional() }

/** A page of a list; `nextCursor` is null on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** Who did something: a person, a program of ours, or nobody known. */
export const ActorRef = z.strictObject({
  kind: z.enum(['person', 'token', 'service', 'anonymous']),
  id: z.string(),
  name: z.string().nullable(),
})
export type ActorRef = z.infer<typeof ActorRef>
