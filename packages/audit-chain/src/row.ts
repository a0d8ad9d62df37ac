import { hash as digest } from 'node:crypto'
import { canonicalText, stringText } from './canonical-text.ts'

export type ActorKind = 'person' | 'token' | 'service' | 'anonymous'
export type Outcome = 'started' | 'done' | 'failed' | 'denied' | 'unknown'

/** What a caller records. Values that must not be read again are masked before (`mask.ts`): what arrives here is stored. */
export type NewRow = {
  /** `module.noun.verb` */
  readonly action: string
  readonly actor: { readonly kind: ActorKind; readonly id: string; readonly name?: string }
  readonly requestId: string
  readonly target: string
  readonly outcome: Outcome
  readonly risk?: string
  /** error code of a failed or denied row */
  readonly code?: string
  readonly input?: Readonly<Record<string, unknown>>
  /** where the request came from */
  readonly address?: string
  /** how many alike attempts this row stands for */
  readonly count?: number
  /** `seq` of the `started` row that this outcome closes */
  readonly of?: number
  readonly details?: Readonly<Record<string, unknown>>
}

/** A row on record. `hash` covers everything else, `prev` included; `seq` counts from 1 without a gap; `at` is ISO with milliseconds. */
export type Row = NewRow & {
  readonly seq: number
  readonly at: string
  readonly log: string
  readonly prev: string
  readonly hash: string
  /** the clock stood before the row above it when this one was written */
  readonly clockBack?: true
}

/** Where a row stands in its chain. */
export type Place = { readonly seq: number; readonly at: string; readonly log: string; readonly prev: string; readonly clockBack?: true }

/** No line of a log is longer, newline included. */
export const maxRowBytes = 16 * 1024

/** The members of a row apart from its place, as canonical text without braces, every part cut to its share of `maxRowBytes`. */
export function rowMembers(row: NewRow): string {
  check(row)
  const { address, code, count, details, input, of, risk } = row
  let text = `"action":${cut(row.action, 128)},"actor":${actorText(row.actor)}`
  if (address !== undefined) text += `,"address":${cut(address, 128)}`
  if (code !== undefined) text += `,"code":${cut(code, 128)}`
  if (count !== undefined) text += `,"count":${whole(count)}`
  if (details !== undefined) text += `,"details":${cutObject(details, 4096)}`
  if (input !== undefined) text += `,"input":${cutObject(input, 8192)}`
  if (of !== undefined) text += `,"of":${whole(of)}`
  text += `,"outcome":${stringText(row.outcome)},"requestId":${cut(row.requestId, 128)}`
  if (risk !== undefined) text += `,"risk":${cut(risk, 32)}`
  return `${text},"target":${cut(row.target, 1024)}`
}

/**
 * The line of a row (newline included) and its hash: SHA-256 over `row\0` and the line's own bytes without the hash member, which stands last.
 * So a verifier in any language hashes bytes and need not know how values are written.
 */
export function sealRow(place: Place, members: string): { line: string; hash: string } {
  const flag = place.clockBack ? '"clockBack":true,' : ''
  const text = `{"seq":${place.seq},"at":"${place.at}","log":"${place.log}","prev":"${place.prev}",${flag}${members}}`
  const hash = hashOf(text)
  return { line: `${text.slice(0, -1)},"hash":"${hash}"}\n`, hash }
}

/** The row of a line without its newline, or undefined when the line is not whole or its hash is wrong. */
export function openRow(line: string): Row | undefined {
  const match = hashAtEnd.exec(line)
  if (match?.[1] === undefined || hashOf(`${line.slice(0, match.index)}}`) !== match[1]) return undefined
  return parseRow(line)
}

/** The row of a line that is known to be whole. */
export function parseRow(line: string): Row | undefined {
  try {
    return JSON.parse(line) as Row
  } catch {
    return undefined
  }
}

const hashAtEnd = /,"hash":"([0-9a-f]{64})"\}$/
const outcomes: readonly string[] = ['started', 'done', 'failed', 'denied', 'unknown'] satisfies Outcome[]
const kinds: readonly string[] = ['person', 'token', 'service', 'anonymous'] satisfies ActorKind[]

function hashOf(text: string): string {
  return digest('sha256', `row\0${text}`)
}

function check(row: NewRow): void {
  if (!outcomes.includes(row.outcome)) throw new TypeError(`an audit row has no outcome ${String(row.outcome)}`)
  if (!kinds.includes(row.actor?.kind)) throw new TypeError(`an audit row has no actor of kind ${String(row.actor?.kind)}`)
  for (const name of ['action', 'requestId', 'target'] as const) {
    if (typeof row[name] !== 'string') throw new TypeError(`an audit row needs a text as its ${name}`)
  }
  if (row.of !== undefined && row.outcome === 'started') throw new TypeError('a row that closes another one has an outcome')
}

function actorText({ kind, id, name }: NewRow['actor']): string {
  const named = name === undefined ? '' : `,"name":${cut(name, 256)}`
  return `{"id":${cut(id, 256)},"kind":${stringText(kind)}${named}}`
}

function whole(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError('a count in an audit row is a whole number')
  return String(value)
}

/** A text longer than its share keeps its beginning and is named by the hash of the whole. */
function cut(value: string, maxBytes: number): string {
  const text = stringText(String(value))
  if (fits(text, maxBytes)) return text
  const mark = `…sha256:${sha256(text)}`
  return stringText(beginning(value, maxBytes - Buffer.byteLength(mark) - 2) + mark)
}

function cutObject(value: Readonly<Record<string, unknown>>, maxBytes: number): string {
  const text = canonicalText(value)
  if (fits(text, maxBytes)) return text
  return canonicalText({ cut: beginning(text, maxBytes / 2), bytes: Buffer.byteLength(text), sha256: sha256(text) })
}

/** A UTF-16 unit takes three bytes at most. */
function fits(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes
}

/** The longest beginning (by halves, not to the byte) whose JSON text fits. */
function beginning(value: string, maxBytes: number): string {
  let kept = value.slice(0, Math.max(0, maxBytes))
  while (kept.length > 0 && Buffer.byteLength(stringText(kept)) > maxBytes) kept = kept.slice(0, Math.floor(kept.length / 2))
  return kept
}

function sha256(text: string): string {
  return digest('sha256', text)
}
