import type { HomeFiles } from './home-files.ts'
import type { Settings } from './read-settings.ts'
import type { Listed } from './section.ts'

/** What an agent remembers, by its measure alone: not a word of it leaves the home. */
export type MemoryItem = { readonly file: 'MEMORY.md'; readonly entry: number; readonly characters: number; readonly lines: number }
export type MemoryFacts = {
  readonly usedCharacters: number | null
  readonly limitCharacters: number
  /** A provider outside the home, whose memory no file lists. */
  readonly externalProvider: string | null
  /** Of what the agent knows about its person, only whether there is any. */
  readonly userFile: boolean | null
}

const mostBytes = 1_048_576
const most = 200
const usualLimit = 2_200

export function readMemory(files: HomeFiles, told: (used: number) => void): Listed<MemoryItem> {
  const entries = entriesOf(files.text('memories/MEMORY.md', mostBytes))
  told(entries.join('\n§\n').length)
  const items = entries.slice(0, most).map(
    (text, index): MemoryItem => ({
      file: 'MEMORY.md',
      entry: index + 1,
      characters: [...text].length,
      lines: text.split('\n').length,
    }),
  )
  return { items, total: entries.length, truncated: entries.length > items.length }
}

export function memoryFacts(files: HomeFiles, settings: Settings | null, usedCharacters: number | null): MemoryFacts {
  let userFile: boolean | null = null
  try {
    // Of a folder that is a link nothing is said.
    if (files.look('memories')?.isDirectory() !== false) userFile = (files.look('memories/USER.md')?.size ?? 0) > 0
  } catch {
    // Not known then.
  }
  const { memoryLimit, memoryProvider } = settings ?? { memoryLimit: null, memoryProvider: null }
  return { usedCharacters, limitCharacters: memoryLimit ?? usualLimit, externalProvider: memoryProvider, userFile }
}

/** A sign in the midst of a text parts nothing: only on a line of its own. */
export function entriesOf(text: string): string[] {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n§\n')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}
