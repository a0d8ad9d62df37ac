export type AttributeValue = string | number | boolean
export type Attributes = Map<string, AttributeValue>

/** A span as it came, in either encoding; texts, lists and maps of its contents are left behind. */
export type RawSpan = {
  /** Lower-case hex. */
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly failed: boolean
  readonly attributes: Attributes
  readonly resource: Attributes
}

/** A point of a metric that is of interest here, in either encoding. */
export type RawPoint = {
  readonly name: string
  readonly unit: string
  /** A sum has a value, a histogram counts; null for a form that is not taken. */
  readonly form: 'sum' | 'histogram' | null
  readonly cumulative: boolean
  readonly startMs: number
  readonly atMs: number
  readonly count: number
  /** Of a sum its value. */
  readonly sum: number
  readonly buckets: readonly number[]
  readonly bounds: readonly number[]
  readonly attributes: Attributes
  readonly resource: Attributes
}

/** Other metrics are passed over before their points are read. */
export const wantedMetrics: ReadonlySet<string> = new Set([
  'gen_ai.invoke_agent.duration',
  'gen_ai.client.operation.duration',
  'gen_ai.execute_tool.duration',
  'gen_ai.client.token.usage',
  'hermes.cost.usage',
])
/** Conventions use some fifteen; a point with more is cut. */
export const mostBuckets = 200

/** The body is not what its route takes. */
export class OtlpRefused extends Error {}
