import type { RestoreChange } from './schemas.ts'

/**
 * A change of a plan as one line of JSON. The service hashes all lines in their order, and the browser hashes them again from what it shows: what is
 * confirmed, what is shown and what is saved as a file are the same bytes.
 */
export function lineOfChange({ change, kind, pk, id, name, was, becomes }: RestoreChange): string {
  return `${JSON.stringify({ change, kind, pk, id, name, was, becomes })}\n`
}
