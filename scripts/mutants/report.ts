import { explained } from './explained.ts'
import type { Explanation } from './explanation.ts'
import type { MutantGroup } from './groups.ts'

type Place = { readonly line: number; readonly column: number }
type Mutant = {
  readonly id: string
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: 'Killed' | 'Survived' | 'NoCoverage' | 'Timeout' | 'RuntimeError' | 'CompileError' | 'Ignored' | 'Pending'
  readonly location: { readonly start: Place; readonly end: Place }
  readonly killedBy?: readonly string[]
}
/** Stryker's report, as far as it is read here. */
export type Report = {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>
  readonly testFiles?: Readonly<Record<string, { readonly tests: readonly { readonly id: string; readonly name: string }[] }>>
}
/** A fault that no test noticed: where it stands, what stood there and what was put there. */
type Survivor = {
  readonly file: string
  readonly line: number
  readonly was: string
  readonly became: string
  readonly why?: string
}
export type Judged = {
  /** Of all faults, those that a test noticed, or that made one run for ever. */
  readonly percent: number
  readonly faults: number
  readonly noticed: number
  readonly explained: number
  readonly unexplained: readonly Survivor[]
  /** Explanations of this group's files that nothing needs any more. */
  readonly stale: readonly string[]
}

const noticed = new Set(['Killed', 'Timeout'])
const counted = new Set(['Killed', 'Timeout', 'Survived', 'NoCoverage'])

/** What a run of a group came to. */
export function judge(report: Report, group: MutantGroup): Judged {
  const all = Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
    mutants.filter(({ status }) => counted.has(status)).map((mutant) => ({ file, source, mutant })),
  )
  if (all.length === 0) throw new Error(`${group.name}: no fault was made`)
  const survivors = all.filter(({ mutant }) => !noticed.has(mutant.status)).map(survivorOf)
  const mine = explained.filter(({ file }) => file in report.files)
  // What ran into a limit may have done so for the load of the machine: that needs no explanation, and takes none away.
  const unsure = all.filter(({ mutant }) => mutant.status === 'Timeout').map(survivorOf)
  const stale = mine
    .filter((one) => ![...survivors, ...unsure].some((survivor) => fits(one, survivor)))
    .map(({ file, was, became = '…' }) => `${file}: ${was} → ${became}`)
  return {
    percent: Math.floor(((all.length - survivors.length) / all.length) * 1_000) / 10,
    faults: all.length,
    noticed: all.length - survivors.length,
    explained: survivors.filter(({ why }) => why !== undefined).length,
    unexplained: survivors.filter(({ why }) => why === undefined),
    stale,
  }
}

function survivorOf({ file, source, mutant }: { file: string; source: string; mutant: Mutant }): Survivor {
  const { start, end } = mutant.location
  const lines = source.split('\n').slice(start.line - 1, end.line)
  const last = lines.length - 1
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1)
  lines[0] = (lines[0] ?? '').slice(start.column - 1)
  const survivor = { file, line: start.line, was: oneLine(lines.join('\n')), became: oneLine(mutant.replacement ?? '') }
  const why = explained.find((one) => fits(one, survivor))?.why
  return { ...survivor, ...(why !== undefined && { why }) }
}

function fits(one: Explanation, { file, was, became }: Survivor): boolean {
  return one.file === file && one.was === was && (one.became === undefined || one.became === became)
}

/** Short enough to be quoted. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 160)
}
