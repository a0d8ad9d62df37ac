import type { Attributes, RawSpan } from './raw-otlp.ts'
import { OtlpRefused } from './raw-otlp.ts'

type Json = Readonly<Record<string, unknown>>
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws OtlpRefused for what is no JSON object. Unknown fields are passed over, as OTLP asks. */
export function parseJson(body: Uint8Array): Json {
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(body))
  } catch {
    throw new OtlpRefused('The body is not JSON.')
  }
  if (!isObject(value)) throw new OtlpRefused('The body is no JSON object.')
  return value
}

/** An empty body is an empty request. */
export function spansInJson(body: Uint8Array): RawSpan[] {
  if (body.length === 0) return []
  return listIn(parseJson(body), 'resourceSpans').flatMap((resourceSpans) => {
    const resource = attributesIn(objectIn(resourceSpans, 'resource'))
    return listIn(resourceSpans, 'scopeSpans').flatMap((scope) => listIn(scope, 'spans').map((span) => spanOf(span, resource)))
  })
}

function spanOf(span: Json, resource: Attributes): RawSpan {
  return {
    traceId: hexIn(span.traceId, 16),
    spanId: hexIn(span.spanId, 8),
    name: typeof span.name === 'string' ? span.name : '',
    startMs: msOf(span.startTimeUnixNano),
    endMs: msOf(span.endTimeUnixNano),
    failed: objectIn(span, 'status').code === 2,
    attributes: attributesIn(span),
    resource,
  }
}

/** Hex by the specification; base64, as protobuf's own JSON has it, is sent by some. */
function hexIn(value: unknown, bytes: number): string {
  if (typeof value !== 'string') return ''
  if (value.length === bytes * 2) return value.toLowerCase()
  return value.length === Math.ceil(bytes / 3) * 4 ? Buffer.from(value, 'base64').toString('hex') : ''
}

/** 64-bit numbers come as text or as number; a float of them is exact to the millisecond. */
export function msOf(nanos: unknown): number {
  const number = typeof nanos === 'string' ? Number(nanos) : nanos
  return typeof number === 'number' && Number.isFinite(number) ? number / 1e6 : 0
}

export function attributesIn(message: Json): Attributes {
  const found: Attributes = new Map()
  for (const { key, value } of listIn(message, 'attributes').slice(0, 128)) {
    if (typeof key !== 'string' || !isObject(value)) continue
    const { stringValue, boolValue, intValue, doubleValue } = value
    if (typeof stringValue === 'string' && stringValue.length <= 1_024) found.set(key, stringValue)
    else if (typeof boolValue === 'boolean') found.set(key, boolValue)
    else if (typeof intValue === 'string' || typeof intValue === 'number') found.set(key, Number(intValue))
    else if (typeof doubleValue === 'number') found.set(key, doubleValue)
  }
  return found
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectIn(message: Json, name: string): Json {
  const value = message[name]
  return isObject(value) ? value : {}
}

/** @throws OtlpRefused where a list should stand and something else does */
export function listIn(message: Json, name: string): Json[] {
  const value = message[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new OtlpRefused(`The field ${name} is no list.`)
  return value.filter(isObject)
}
