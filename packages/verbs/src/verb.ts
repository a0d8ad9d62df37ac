/**
 * A kind of argument: plain data, so that daemons check it without a library and contracts derive Zod from the same row.
 * `ref` is a container's full id or whole name; `id` an identifier of ours; `model` the name of a model at Ollama; `values` a map of variable names to texts.
 */
export type Arg = ArgKind & { readonly optional?: true }
type ArgKind =
  | { readonly is: 'ref' }
  | { readonly is: 'digest' }
  | { readonly is: 'id' }
  | { readonly is: 'model' }
  | { readonly is: 'bool' }
  | { readonly is: 'int'; readonly min: number; readonly max: number }
  | { readonly is: 'enum'; readonly of: readonly [string, ...string[]] }
  | { readonly is: 'text'; readonly min: number; readonly max: number }
  | { readonly is: 'list'; readonly of: ArgKind; readonly max: number }
  | { readonly is: 'values'; readonly max: number; readonly maxBytes: number }
export type Args = { readonly [name: string]: Arg }

export type Daemon = 'docker-proxy' | 'host-agent'
export type Role = 'viewer' | 'operator' | 'admin'
/** A counter of the verb's own: per what, how many, in which window. `per` names an argument, `actor`, or `host`. */
export type VerbLimit = { readonly per: string; readonly max: number; readonly windowMs: number }

/** A row of the privilege surface: everything that a daemon can be asked to do. */
export type Verb<A extends Args = Args> = {
  /** `noun.verb`, or `area.noun.verb` (`events` alone is one word); the daemon's route is `POST /v1/<id>`. Permanent. */
  readonly id: `${string}.${string}` | 'events'
  readonly daemon: Daemon
  /** `destroy` also stands for what must be confirmed by a grant, approving included. */
  readonly risk: 'read' | 'change' | 'destroy'
  /** The least role of a person who may ask. */
  readonly role: Role
  /** True where devops-backend may ask on its own behalf, with its service key. */
  readonly service: boolean
  readonly args: A
  readonly limits: readonly VerbLimit[]
  /** The template of what reaches the engine, or the argument vector of what runs. */
  readonly runs: string
  /**
   * The answer is a stream of JSON lines (`application/x-ndjson`) rather than one JSON document. A person's ends after the daemon's
   * `streamMinutes` with `{ended: "time", cursor}`.
   */
  readonly stream?: true
  /** Its rows may use the space that every log holds back for a full disk: what makes room, or ends what goes wrong. */
  readonly essential?: true
  /** Reads, and is on record all the same: the daemon writes a row before anything is told, and one after. What changes always is. */
  readonly recorded?: true
  /** Arguments whose values never reach a journal. */
  readonly secretArgs?: readonly string[]
}

export function defineVerb<const V extends Verb>(verb: V): V {
  return Object.freeze(verb)
}

/** What a caller passes for a verb, and what its daemon receives after checking. */
export type ArgsOf<V extends Verb> = ArgValues<V['args']>
type ArgValues<A extends Args> = { -readonly [K in RequiredNames<A>]: ValueOf<A[K]> } & {
  -readonly [K in OptionalNames<A>]?: ValueOf<A[K]>
}
type OptionalNames<A extends Args> = { [K in keyof A]: A[K] extends { readonly optional: true } ? K : never }[keyof A]
type RequiredNames<A extends Args> = Exclude<keyof A, OptionalNames<A>>
export type ValueOf<A> = A extends { readonly is: 'int' }
  ? number
  : A extends { readonly is: 'bool' }
    ? boolean
    : A extends { readonly is: 'enum'; readonly of: readonly (infer T)[] }
      ? T
      : A extends { readonly is: 'list'; readonly of: infer I }
        ? ValueOf<I>[]
        : A extends { readonly is: 'values' }
          ? Record<string, string>
          : string
