import { createHash } from 'node:crypto'
import { AppError } from '@console/http-kit/problem'

/** Where an entry stands in the order of a list; of one length within a list. */
export type Place = readonly string[]

/** Text without regard to case or accents. */
export function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

export function comparePlaces(a: Place, b: Place): number {
  for (const [at, one] of a.entries()) {
    const other = b[at] ?? ''
    if (one !== other) return one < other ? -1 : 1
  }
  return 0
}

/** @param question what was asked for beside the page: a cursor is good for no other */
export function writeCursor(at: Place, question: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([bindingOf(question), ...at])).toString('base64url')
}

/** @throws AppError INPUT_INVALID for a cursor that is broken, or of another question */
export function readCursor(cursor: string, question: readonly unknown[], length: number): Place {
  try {
    const [binding, ...place] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (binding === bindingOf(question) && place.length === length && place.every((part) => typeof part === 'string')) return place
  } catch {
    // A broken cursor and one of another question are told the same below.
  }
  throw new AppError('INPUT_INVALID', 400, 'query.cursor: belongs to another question. Start again without it.')
}

function bindingOf(question: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify(question.map((part) => part ?? null)))
    .digest('base64url')
    .slice(0, 16)
}
