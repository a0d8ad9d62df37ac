import { type Attributes, mostBuckets, type RawPoint, wantedMetrics } from './raw-otlp.ts'
import { attributesIn, isObject, listIn, msOf, objectIn, parseJson } from './read-json.ts'

type Json = Readonly<Record<string, unknown>>

/** @throws OtlpRefused for what is no ExportMetricsServiceRequest; an empty body is an empty request */
export function pointsInJson(body: Uint8Array): RawPoint[] {
  if (body.length === 0) return []
  return listIn(parseJson(body), 'resourceMetrics').flatMap((resourceMetrics) => {
    const resource = attributesIn(objectIn(resourceMetrics, 'resource'))
    return listIn(resourceMetrics, 'scopeMetrics').flatMap((scope) =>
      listIn(scope, 'metrics').flatMap((metric) => pointsOf(metric, resource)),
    )
  })
}

function pointsOf(metric: Json, resource: Attributes): RawPoint[] {
  const { name, unit } = metric
  if (typeof name !== 'string' || !wantedMetrics.has(name)) return []
  const [key, form] = (
    [
      ['sum', 'sum'],
      ['histogram', 'histogram'],
      ['gauge', null],
      ['exponentialHistogram', null],
      ['summary', null],
    ] as const
  ).find(([one]) => isObject(metric[one])) ?? ['none', null]
  const data = objectIn(metric, key)
  return listIn(data, 'dataPoints').map((point) => ({
    name,
    unit: typeof unit === 'string' ? unit : '',
    form,
    cumulative: data.aggregationTemporality === 2,
    startMs: msOf(point.startTimeUnixNano),
    atMs: msOf(point.timeUnixNano),
    count: numberOf(point.count),
    sum: numberOf(form === 'sum' ? (point.asDouble ?? point.asInt) : point.sum),
    buckets: numbersOf(point.bucketCounts),
    bounds: numbersOf(point.explicitBounds),
    attributes: attributesIn(point),
    resource,
  }))
}

/** 64-bit numbers come as text or as number. */
function numberOf(value: unknown): number {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : 0
}

function numbersOf(value: unknown): number[] {
  return Array.isArray(value) ? value.slice(0, mostBuckets).map(numberOf) : []
}
