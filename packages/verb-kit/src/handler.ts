import type { ArgsOf, Verb } from '@console/verbs/verb'
import type { Caller } from './caller.ts'

/** What a verb's handler knows. `confirmed` is the digest that the person confirmed, on destroy verbs. */
export type VerbContext = {
  readonly caller: Caller
  readonly requestId: string
  readonly signal: AbortSignal
  readonly confirmed: string | null
}
const ready = Symbol('ready json')

/** An answer that is one JSON document already, for what is asked far more often than it changes. */
export function readyJson(json: Buffer): object {
  return { [ready]: json }
}

/** The bytes of an answer. */
export function jsonOf(answer: object): Buffer {
  return (answer as { readonly [ready]?: Buffer })[ready] ?? Buffer.from(JSON.stringify(answer))
}

/** One JSON document, or for a stream verb an iterable of them; what fails before it is there is answered as a problem. `target` names what was acted on, for the journal. */
export type Handled = {
  readonly verb: Verb
  readonly run: (args: never, ctx: VerbContext) => unknown
  readonly targetOf: (args: never) => string
  readonly digestOf: (args: never) => string
  readonly objectsOf: (args: never) => Record<string, unknown>
  readonly essential: boolean
}

export type HandlerOptions<V extends Verb> = {
  readonly targetOf?: (args: ArgsOf<V>) => string
  /** The digest that the confirmation must carry; the argument `digest` where it is not given. */
  readonly digestOf?: (args: ArgsOf<V>) => string
  /** The arguments as its limits count them, where one object can be called in two ways. */
  readonly objectsOf?: (args: ArgsOf<V>) => Record<string, unknown>
  /** Its rows may use the reserve when the disk is full. */
  readonly essential?: true
}

export function handle<V extends Verb>(
  verb: V,
  run: (args: ArgsOf<V>, ctx: VerbContext) => Promise<object> | Promise<AsyncIterable<object>> | AsyncIterable<object>,
  { targetOf, digestOf, objectsOf, essential }: HandlerOptions<V> = {},
): Handled {
  const byDefault = (args: Record<string, unknown>): string =>
    String(args.container ?? args.runId ?? args.scriptId ?? args.serviceId ?? '-')
  return {
    verb,
    run: run as Handled['run'],
    targetOf: (targetOf ?? byDefault) as Handled['targetOf'],
    digestOf: (digestOf ?? ((args: Record<string, unknown>) => String(args.digest ?? ''))) as Handled['digestOf'],
    objectsOf: (objectsOf ?? ((args: Record<string, unknown>) => args)) as Handled['objectsOf'],
    essential: essential ?? false,
  }
}
