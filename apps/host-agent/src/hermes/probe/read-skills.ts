import type { Dirent } from 'node:fs'
import type { HomeFiles } from './home-files.ts'
import { parseJson } from './parse-json.ts'
import type { Settings } from './read-settings.ts'
import { type Budget, countOf, instantOf, type Listed, reasonOf, textOf } from './section.ts'

export type SkillItem = {
  readonly name: string
  readonly category: string | null
  readonly description: string | null
  readonly version: string | null
  readonly provenance: 'hub' | 'bundled' | 'local'
  readonly disabled: boolean
  readonly uses: number | null
  readonly lastUsedAt: string | null
  /** Why it could not be looked into; its name is then that of its folder. */
  readonly reason: string | null
}

const most = 300
const mostFolders = 20_000
const mostNames = 60_000
const deepest = 6
const skipped = /^(\.git|\.github|\.hub|\.archive|\.venv|venv|node_modules|site-packages|__pycache__|\.tox|\.nox|\..*_cache)$/
const support = new Set(['references', 'templates', 'assets', 'scripts'])

/** Every SKILL.md below `skills/`, the first of them looked into: only what stands at its head. */
export function readSkills(files: HomeFiles, settings: Settings | null, budget: Budget): Listed<SkillItem> {
  const { found, cut } = findSkills(files, budget)
  const hub = entryOf(json(files, 'skills/.hub/lock.json'), 'installed')
  const bundled = manifest(files)
  const usage = json(files, 'skills/.usage.json')
  const items = found.slice(0, most).map((folder): SkillItem => {
    const parts = folder.split('/')
    const { reason, fields } = headOf(files, `${folder}/SKILL.md`)
    const name = textOf(fields.get('name'), 100) ?? parts.at(-1) ?? folder
    const { use_count: uses, last_used_at: usedAt } = entryOf(usage, name)
    return {
      name,
      category: parts.length >= 3 ? (textOf(parts[1], 100) ?? null) : null,
      description: textOf(fields.get('description'), 300),
      version: textOf(fields.get('version'), 40),
      provenance: Object.hasOwn(hub, name) ? 'hub' : bundled.has(name) ? 'bundled' : 'local',
      disabled: settings?.disabledSkills.has(name) ?? false,
      uses: countOf(uses),
      lastUsedAt: instantOf(usedAt),
      reason,
    }
  })
  return { items, total: found.length, truncated: cut || found.length > items.length }
}

/** A link is no folder, whatever it leads to; one in the place of SKILL.md is told as such. */
const isWanted = (entry: Dirent): boolean => entry.isDirectory() || entry.name === 'SKILL.md'

function findSkills(files: HomeFiles, budget: Budget): { found: string[]; cut: boolean } {
  const found: string[] = []
  let cut = false
  let folders = 0
  let held = 0
  const walk = (folder: string, depth: number): void => {
    folders += 1
    const { names, cut: less } = files.names(folder, Math.min(mostFolders, mostNames - held), budget, isWanted)
    cut ||= less
    held += names.length
    const isSkill = names.includes('SKILL.md')
    if (isSkill) found.push(folder)
    for (const name of names) {
      if (name === 'SKILL.md' || skipped.test(name) || (isSkill && support.has(name))) continue
      if (folders >= mostFolders || depth >= deepest || !budget.left()) {
        cut = true
        return
      }
      try {
        walk(`${folder}/${name}`, depth + 1)
      } catch {
        // One folder that may not be read hides itself alone.
        cut = true
      }
    }
  }
  walk('skills', 1)
  return { found, cut }
}

/** The lines between two rows of dashes. They need not be right YAML: each is parted at its first colon. */
function headOf(files: HomeFiles, path: string): { reason: string | null; fields: ReadonlyMap<string, string> } {
  const fields = new Map<string, string>()
  try {
    const text = files
      .head(path, 4_096)
      .bytes.toString('utf8')
      .replace(/^\uFEFF/, '')
    const lines = text.split(/\r?\n/)
    if (lines[0]?.trim() !== '---') return { reason: null, fields }
    for (const line of lines.slice(1)) {
      if (line.trim() === '---') break
      const colon = line.indexOf(':')
      if (colon > 0 && /^[a-z_]+$/.test(line.slice(0, colon))) fields.set(line.slice(0, colon), unquoted(line.slice(colon + 1).trim()))
    }
    return { reason: null, fields }
  } catch (error) {
    return { reason: reasonOf(error), fields }
  }
}

function unquoted(value: string): string {
  if (/^".*"$/.test(value))
    try {
      return String(JSON.parse(value))
    } catch {
      // No text of JSON: as it stands.
    }
  return value.replaceAll(/^["']|["']$/g, '')
}

function json(files: HomeFiles, name: string): Record<string, unknown> {
  try {
    const value: unknown = parseJson(files.text(name, 1_048_576))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function entryOf(object: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = Object.hasOwn(object, name) ? object[name] : null
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function manifest(files: HomeFiles): ReadonlySet<string> {
  try {
    const lines = files.text('skills/.bundled_manifest', 262_144).split('\n')
    return new Set(lines.map((line) => line.split(':')[0]?.trim() ?? '').filter(Boolean))
  } catch {
    return new Set()
  }
}
