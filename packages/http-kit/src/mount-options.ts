import type { AuditLog } from '@console/audit-chain/log'
import type { Action } from '@console/contracts/action'
import type { KeySource } from '@console/tokens/key-source'
import type { SlidingWindows } from '@console/verbs/sliding-window'
import type { FastifyRequest } from 'fastify'
import type { BoundAction } from './bind.ts'
import type { Actor } from './context.ts'
import type { IdempotencyStore } from './idempotency.ts'
import type { LimitTable } from './limits.ts'
import type { StreamDesk } from './streams.ts'

/** What the mount needs from outside. */
export type MountOptions = {
  /** The service itself: audience of confirmations that touch no daemon. */
  readonly name: string
  readonly prefix: string
  readonly declared: readonly Action[]
  readonly bound: readonly BoundAction[]
  /** Routes that are no actions: short and literal. */
  readonly strayPaths: readonly string[]
  readonly audit: Pick<AuditLog, 'append' | 'mask'>
  readonly limits: LimitTable
  readonly counters: SlidingWindows
  readonly allowedOrigins: readonly string[]
  readonly idempotency: IdempotencyStore
  readonly grantKeys: KeySource
  readonly usedGrants: UsedGrants
  readonly streams: StreamDesk
  /** Throws an AppError for nobody; for `public` actions it is not asked. */
  readonly authenticate: (request: FastifyRequest, action: Action) => Promise<Actor>
  readonly checkCsrf: (actor: Actor, token: string | undefined) => boolean
  /** Turns the errors of store and chain into AppErrors; answers others unchanged. */
  readonly translate: (error: unknown) => unknown
  /** An outcome could not be recorded, or something else that a person must see. */
  readonly alarm: (what: string, error: unknown) => void
  readonly now: () => number
}
/** Confirmations of this service that were used; kept for as long as one can be replayed. */
export type UsedGrants = {
  has(jti: string): boolean
  /** @param at milliseconds since 1970; now where it is not given */
  add(jti: string, at?: number): void
  remove(jti: string): void
  /** The clock stands before the newest use: what was forgotten in the meantime could be good once more. */
  clockIsBack(): boolean
}
