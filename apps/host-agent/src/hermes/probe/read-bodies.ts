import type { HomeFiles } from './home-files.ts'
import { entriesOf } from './read-memory.ts'
import { type Listed, type Section, section, Unreadable } from './section.ts'

/** An entry of memory, word for word. */
type BodyItem = { readonly entry: number; readonly text: string }
/** What an agent remembers, and what it knows about its person. */
export type Bodies = { readonly v: 1; readonly memory: Section<BodyItem>; readonly user: Section<BodyItem> }

/** An agent keeps itself to some thousand characters a file; whatever is far more was not written by it. */
const mostBytes = 65_536
const most = 200

/** @param files of the folder of memories */
export function readBodies(files: HomeFiles): Bodies {
  return {
    v: 1,
    memory: section('file', () => readBody(files, 'MEMORY.md')),
    user: section('file', () => readBody(files, 'USER.md')),
  }
}

function readBody(files: HomeFiles, name: string): Listed<BodyItem> {
  const { bytes, whole } = files.head(name, mostBytes)
  if (!whole) throw new Unreadable('too_big')
  const entries = entriesOf(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  const items = entries.slice(0, most).map((text, index): BodyItem => ({ entry: index + 1, text }))
  return { items, total: entries.length, truncated: entries.length > items.length }
}
