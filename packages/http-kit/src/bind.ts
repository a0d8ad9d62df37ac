import type { Action } from '@console/contracts/action'
import type { z } from 'zod'
import type { Context } from './context.ts'
import type { SharedText } from './shared-text.ts'

type Shape = z.ZodObject | undefined
type Out<T> = T extends z.ZodType ? z.output<T> : undefined
type Args<P, Q, B> = { readonly ctx: Context; readonly params: Out<P>; readonly query: Out<Q>; readonly body: Out<B> }
/** `shared` is its text without the id, made once for several readers by `sharedEvent`. */
export type StreamEvent = { readonly event: string; readonly data: unknown; readonly id?: string; readonly shared?: SharedText }
/** A source yields this where its own time is over: the stream ends as if its time were, and the reader may go on where it was. */
export const timeIsOver = { event: 'end', data: { reason: 'time' } } as const satisfies StreamEvent
/** What answers bytes: of one of the types that the action takes. */
export type BytesAnswer = { readonly type: string; readonly bytes: Buffer }
type Answer<S> = S extends z.ZodType
  ? z.input<S>
  : undefined | AsyncIterable<StreamEvent> | AsyncIterable<string | Uint8Array> | BytesAnswer

/** An action and the function that carries it out. Streams answer an iterable of events, files one of texts. */
export type BoundAction = {
  readonly action: Action
  readonly run: (args: Args<never, never, never>) => unknown
  /** Carries the older spelling out, where there is one. */
  readonly runOlder?: (args: Args<never, never, never>) => unknown
}

/** The same with what its older spelling does. */
export function withOlder(bound: BoundAction, runOlder: (args: { readonly ctx: Context; readonly body: unknown }) => unknown): BoundAction {
  return { ...bound, runOlder }
}

export function bind<P extends Shape, Q extends Shape, B extends Shape, S extends z.ZodType | undefined>(
  action: Action<P, Q, B, S>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler of a 204 returns nothing at all
  run: (args: Args<P, Q, B>) => Promise<Answer<S> | (S extends z.ZodType ? never : void)> | Answer<S>,
): BoundAction {
  return { action: action as unknown as Action, run: run as unknown as BoundAction['run'] }
}
