export type DiffLine = {
  readonly sign: ' ' | '+' | '-'
  readonly text: string
  readonly before: number | null
  readonly after: number | null
}
const most = 1_500

/** A line diff by longest common subsequence; texts over 1,500 lines are shown as replaced whole. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  if (a.length > most || b.length > most) return [...a.map((text, at) => removed(text, at)), ...b.map((text, at) => added(text, at))]
  const lengths = table(a, b)
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i] ?? '', before: i + 1, after: j + 1 })
      i += 1
      j += 1
    } else if (j >= b.length || (i < a.length && (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0))) {
      lines.push(removed(a[i] ?? '', i))
      i += 1
    } else {
      lines.push(added(b[j] ?? '', j))
      j += 1
    }
  }
  return lines
}

function table(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = rows[i] as Uint16Array
      const below = rows[i + 1] as Uint16Array
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0)
    }
  return rows
}

const removed = (text: string, at: number): DiffLine => ({ sign: '-', text, before: at + 1, after: null })
const added = (text: string, at: number): DiffLine => ({ sign: '+', text, before: null, after: at + 1 })
