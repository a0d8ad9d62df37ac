import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { type Attributes, mostBuckets, type RawPoint, wantedMetrics } from './raw-otlp.ts'
import { eachNested, msOf, readAttribute, readAttributes, refusing, walk } from './read-protobuf.ts'

/** @throws OtlpRefused for what is no ExportMetricsServiceRequest */
export function pointsInProtobuf(body: Uint8Array): RawPoint[] {
  const points: RawPoint[] = []
  refusing(() =>
    eachNested(body, 1, (resourceMetrics) => {
      const resource: Attributes = new Map()
      eachNested(resourceMetrics, 1, (message) => readAttributes(message, 1, resource))
      eachNested(resourceMetrics, 2, (scope) => eachNested(scope, 2, (metric) => points.push(...readMetric(metric, resource))))
    }),
  )
  return points
}

const forms: Readonly<Record<number, RawPoint['form']>> = { 5: null, 7: 'sum', 9: 'histogram', 10: null, 11: null }

function readMetric(bytes: Uint8Array, resource: Attributes): RawPoint[] {
  let name = ''
  let unit = ''
  let data: { readonly form: RawPoint['form']; readonly bytes: Uint8Array } | null = null
  walk(bytes, (field, reader, wire) => {
    if (wire !== WireType.LengthDelimited) return false
    if (field === 1) name = reader.string()
    else if (field === 3) unit = reader.string()
    else if (field in forms) data = { form: forms[field] ?? null, bytes: reader.bytes() }
    else return false
    return true
  })
  return data === null || !wantedMetrics.has(name) ? [] : readData(data, { name, unit, resource })
}

type About = Pick<RawPoint, 'name' | 'unit' | 'resource'>

function readData({ form, bytes }: { readonly form: RawPoint['form']; readonly bytes: Uint8Array }, about: About): RawPoint[] {
  const points: RawPoint[] = []
  let cumulative = false
  walk(bytes, (field, reader, wire) => {
    if (field !== 2 || wire !== WireType.Varint) return false
    cumulative = reader.int32() === 2
    return true
  })
  eachNested(bytes, 1, (point) => points.push(readPoint(point, { ...about, form, cumulative })))
  return points
}

function readPoint(bytes: Uint8Array, about: About & Pick<RawPoint, 'form' | 'cumulative'>): RawPoint {
  const point = { startMs: 0, atMs: 0, count: 0, sum: 0 }
  const attributes: Attributes = new Map()
  const lists = { buckets: [] as number[], bounds: [] as number[] }
  walk(bytes, (field, reader, wire) => {
    if (wire === WireType.Bit64) return readFixed(field, reader, point, about.form, lists)
    if (wire !== WireType.LengthDelimited) return false
    if (field === (about.form === 'histogram' ? 9 : 7)) readAttribute(reader.bytes(), attributes)
    else if (about.form === 'histogram' && field === 6)
      lists.buckets = listOf(reader.bytes(), (view, at) => Number(view.getBigUint64(at, true)))
    else if (about.form === 'histogram' && field === 7) lists.bounds = listOf(reader.bytes(), (view, at) => view.getFloat64(at, true))
    else return false
    return true
  })
  return { ...about, ...point, ...lists, attributes }
}

type Point = { startMs: number; atMs: number; count: number; sum: number }
type Lists = { buckets: number[]; bounds: number[] }

function readFixed(field: number, reader: BinaryReader, point: Point, form: RawPoint['form'], lists: Lists): boolean {
  if (field === 2) point.startMs = msOf(reader)
  else if (field === 3) point.atMs = msOf(reader)
  else if (form === 'sum' && field === 4) point.sum = reader.double()
  else if (form === 'sum' && field === 6) point.sum = Number(reader.sfixed64())
  else if (form === 'histogram' && field === 4) point.count = Number(reader.fixed64())
  else if (form === 'histogram' && field === 5) point.sum = reader.double()
  // Lists may come unpacked too.
  else if (form === 'histogram' && field === 6 && lists.buckets.length < mostBuckets) lists.buckets.push(Number(reader.fixed64()))
  else if (form === 'histogram' && field === 7 && lists.bounds.length < mostBuckets) lists.bounds.push(reader.double())
  else return false
  return true
}

function listOf(bytes: Uint8Array, read: (view: DataView, at: number) => number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.min(mostBuckets, Math.floor(bytes.byteLength / 8)) }, (_, at) => read(view, at * 8))
}
