import type { Role } from '@console/contracts/shapes'
import type { FastifyRequest } from 'fastify'

/** Who asks, in the product whose API this is. `role` is null for a person without membership there. */
export type Actor = {
  readonly kind: 'person' | 'token' | 'service' | 'anonymous'
  readonly id: string
  readonly name: string
  readonly role: Role | null
  readonly sid: string | null
  /** Of a person: when a factor was last shown, in milliseconds since 1970. */
  readonly factorAtMs?: number
  /** Of an API token: the ids of the actions that it may call. */
  readonly actions?: readonly string[]
  /** Recognised by cookie, so that Origin and CSRF count. */
  readonly byCookie: boolean
  /** The token to forward to a daemon; null where the actor has none. */
  readonly accessToken: string | null
}

export const anonymous: Actor = { kind: 'anonymous', id: 'anonymous', name: '', role: null, sid: null, byCookie: false, accessToken: null }

/** Who sent a request, as far as the steps before have found out. */
export function actorOf(request: FastifyRequest): Actor {
  return request.actor ?? anonymous
}

/** What a handler knows of the request, beside its validated input. */
export type Context = {
  readonly actor: Actor
  readonly requestId: string
  /** The confirmation, to be forwarded to the daemon that checks and burns it. */
  readonly grant: string | undefined
  readonly ifMatch: string | undefined
  /** Where a stream goes on, as the client remembers it; at most 400 printable characters. */
  readonly lastEventId: string | undefined
  readonly address: string
  readonly userAgent: string
  /** The request was caused by a person, not by a page that polls. */
  readonly activity: boolean
  /** Aborts when the client of a read goes away, or its stream ends; a change is carried to its end. */
  readonly signal: AbortSignal
  /** A cookie of the request, for values that no step recognises: undefined where it was not sent. */
  readonly cookie: (name: string) => string | undefined
  /** The body as it came, after inflation, and its type; null where the action takes none. */
  readonly bytes: { readonly type: string; readonly bytes: Buffer } | null
  /** Sets a header of the answer, such as Set-Cookie; may be called several times for one name. */
  readonly setHeader: (name: string, value: string) => void
  /** Tells the outcome row facts that the registry declares for the action; again for a name is instead. @throws Error for others */
  readonly tell: (facts: Readonly<Record<string, unknown>>) => void
}

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor | null
  }
}
