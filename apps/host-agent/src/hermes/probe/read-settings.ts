import type { HomeFiles } from './home-files.ts'

/** The few settings that change what the other files mean. The same file holds keys, so that nothing else of it is kept. */
export type Settings = {
  readonly disabledSkills: ReadonlySet<string>
  readonly memoryLimit: number | null
  readonly memoryProvider: string | null
}

const mostBytes = 262_144

/** Null where there are none that can be read: a home without settings has those by default. */
export function readSettings(files: HomeFiles): Settings | null {
  let text: string
  try {
    text = files.text('config.yaml', mostBytes)
  } catch {
    return null
  }
  const skills = blockOf(text, 'skills')
  const memory = blockOf(text, 'memory')
  const limit = Number(settingOf(memory, 'memory_char_limit') ?? Number.NaN)
  const provider = settingOf(memory, 'provider')
  return {
    disabledSkills: new Set(listOf(skills, 'disabled')),
    memoryLimit: Number.isSafeInteger(limit) && limit > 0 ? limit : null,
    memoryProvider:
      provider !== null && /^[a-z][a-z0-9_-]{0,31}$/.test(provider) && !['builtin', 'none', 'null'].includes(provider) ? provider : null,
  }
}

/** The lines below a key of the first level. */
function blockOf(text: string, key: string): string[] {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.trimEnd() === `${key}:`)
  if (from < 0) return []
  const rest = lines.slice(from + 1)
  const ends = rest.findIndex((line) => /^[^\s#-]/.test(line))
  return ends < 0 ? rest : rest.slice(0, ends)
}

function settingOf(block: readonly string[], key: string): string | null {
  const found = block.find((line) => line.trimStart().startsWith(`${key}:`))
  return found === undefined ? null : plain(found.slice(found.indexOf(':') + 1))
}

/** `key: [a, b]`, or one a line behind dashes. */
function listOf(block: readonly string[], key: string): string[] {
  const value = settingOf(block, key)
  if (value === null) return []
  if (value.startsWith('[')) return value.replaceAll(/[[\]]/g, '').split(',').map(plain).filter(Boolean)
  const from = block.findIndex((line) => line.trimStart().startsWith(`${key}:`)) + 1
  const rest = block.slice(from)
  const ends = rest.findIndex((line) => !/^\s*-\s/.test(line))
  return (ends < 0 ? rest : rest.slice(0, ends)).map((line) => plain(line.replace(/^\s*-\s/, '')))
}

function plain(text: string): string {
  return text
    .replace(/\s#.*$/, '')
    .trim()
    .replaceAll(/^["']|["']$/g, '')
}
