import { Unreadable } from './section.ts'

const mostValues = 200_000

/** @throws Unreadable damaged, or too_big for a text of few bytes a value, which becomes many times as much in memory */
export function parseJson(text: string): unknown {
  if ((text.match(/[[{,]/g)?.length ?? 0) > mostValues) throw new Unreadable('too_big')
  try {
    return JSON.parse(text)
  } catch {
    throw new Unreadable('damaged')
  }
}
