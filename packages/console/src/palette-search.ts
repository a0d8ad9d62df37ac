import type { PaletteEntry } from './navigation.ts'

/** How many entries are shown at once; more are found by typing on. */
const most = 40
const groupOfPrefix: Readonly<Record<string, string>> = { '>': 'Actions', '#': 'Runs' }

/** The text that is looked for, without the sign that narrows the search to one group. */
export function wordsOf(query: string): { readonly words: string; readonly only: string | null } {
  const only = groupOfPrefix[query[0] ?? ''] ?? null
  return { words: (only ? query.slice(1) : query).trim().toLowerCase(), only }
}

/**
 * What the palette shows for a query. Without one: pages and actions. With one: entries whose label or detail holds it, those whose
 * label begins with it first; groups stay together, in the order of their best entry.
 */
export function findEntries(entries: readonly PaletteEntry[], query: string): PaletteEntry[] {
  const { words, only } = wordsOf(query)
  const allowed = entries.filter(({ group }) => (only ? group === only : words !== '' || group === 'Pages' || group === 'Actions'))
  const ranked = allowed.map((entry, at) => ({ entry, at, rank: rankOf(entry, words) })).filter(({ rank }) => rank < 3)
  ranked.sort((a, b) => a.rank - b.rank || a.at - b.at)
  const groups = [...new Set(ranked.map(({ entry }) => entry.group))]
  return groups.flatMap((group) => ranked.filter(({ entry }) => entry.group === group).map(({ entry }) => entry)).slice(0, most)
}

function rankOf({ label, detail = '' }: PaletteEntry, words: string): number {
  const text = label.toLowerCase()
  if (words === '' || text.startsWith(words)) return 0
  if (text.includes(words)) return 1
  return detail.toLowerCase().includes(words) ? 2 : 3
}
