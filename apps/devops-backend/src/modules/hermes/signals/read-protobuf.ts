import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import type { Attributes, AttributeValue, RawSpan } from './raw-otlp.ts'
import { OtlpRefused } from './raw-otlp.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })
type Visit = (field: number, reader: BinaryReader, wire: WireType) => boolean

/**
 * Walks the fields of a message; what `visit` does not take is skipped without being looked at. Field numbers are those of
 * opentelemetry-proto 1.x, whose numbers never change.
 */
export function walk(bytes: Uint8Array, visit: Visit): void {
  const reader = new BinaryReader(bytes, (part) => utf8.decode(part))
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag()
    if (wire === WireType.StartGroup || wire === WireType.EndGroup) throw new OtlpRefused('The body has groups, which OTLP has not.')
    if (!visit(field, reader, wire)) reader.skip(wire)
    if (reader.pos > reader.len) throw new OtlpRefused('The body ends in the middle of a field.')
  }
}

/** @throws OtlpRefused for what is no ExportTraceServiceRequest */
export function spansInProtobuf(body: Uint8Array): RawSpan[] {
  const spans: RawSpan[] = []
  refusing(() =>
    eachNested(body, 1, (resourceSpans) => {
      const resource: Attributes = new Map()
      eachNested(resourceSpans, 1, (message) => readAttributes(message, 1, resource))
      eachNested(resourceSpans, 2, (scopeSpans) => eachNested(scopeSpans, 2, (span) => spans.push(readSpan(span, resource))))
    }),
  )
  return spans
}

/** Whatever a reader of the format throws is a fault of what was sent. */
export function refusing(read: () => void): void {
  try {
    read()
  } catch (error) {
    throw error instanceof OtlpRefused ? error : new OtlpRefused('The body is no protobuf of this kind.')
  }
}

/** Each message that stands in one field. */
export function eachNested(bytes: Uint8Array, wanted: number, take: (message: Uint8Array) => void): void {
  walk(bytes, (field, reader, wire) => {
    if (field !== wanted || wire !== WireType.LengthDelimited) return false
    take(reader.bytes())
    return true
  })
}

function readSpan(bytes: Uint8Array, resource: Attributes): RawSpan {
  const span = { traceId: '', spanId: '', name: '', startMs: 0, endMs: 0, failed: false }
  const attributes: Attributes = new Map()
  walk(bytes, (field, reader, wire) => {
    if (wire === WireType.Bit64) {
      if (field === 7) span.startMs = msOf(reader)
      else if (field === 8) span.endMs = msOf(reader)
      else return false
      return true
    }
    if (wire !== WireType.LengthDelimited) return false
    if (field === 1) span.traceId = hexOf(reader.bytes())
    else if (field === 2) span.spanId = hexOf(reader.bytes())
    else if (field === 5) span.name = reader.string()
    else if (field === 9) readAttribute(reader.bytes(), attributes)
    else if (field === 15) span.failed = statusOf(reader.bytes()) === 2
    else return false
    return true
  })
  return { ...span, attributes, resource }
}

export function msOf(reader: BinaryReader): number {
  return Number(reader.fixed64()) / 1e6
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function statusOf(bytes: Uint8Array): number {
  let code = 0
  walk(bytes, (field, reader, wire) => {
    if (field !== 3 || wire !== WireType.Varint) return false
    code = reader.int32()
    return true
  })
  return code
}

export function readAttributes(bytes: Uint8Array, wanted: number, into: Attributes): void {
  eachNested(bytes, wanted, (pair) => readAttribute(pair, into))
}

/** Texts, numbers and truths; lists and maps are what people said, and are not looked into. */
export function readAttribute(bytes: Uint8Array, into: Attributes): void {
  let key = ''
  let value: AttributeValue | undefined
  walk(bytes, (field, reader, wire) => {
    if (wire !== WireType.LengthDelimited) return false
    if (field === 1) key = reader.string()
    else if (field === 2 && into.size < mostAttributes) value = readValue(reader.bytes())
    else return false
    return true
  })
  if (key !== '' && value !== undefined) into.set(key, value)
}
const mostAttributes = 128

function readValue(bytes: Uint8Array): AttributeValue | undefined {
  let value: AttributeValue | undefined
  walk(bytes, (field, reader, wire) => {
    if (field === 1 && wire === WireType.LengthDelimited) {
      const text = reader.bytes()
      // A long text is no name, and not decoded.
      if (text.length <= 1_024) value = utf8.decode(text)
    } else if (field === 2 && wire === WireType.Varint) value = reader.bool()
    else if (field === 3 && wire === WireType.Varint) value = Number(reader.int64())
    else if (field === 4 && wire === WireType.Bit64) value = reader.double()
    else return false
    return true
  })
  return value
}
