/** A line of a table: what was measured, what it was measured against, and what is aimed at. */
export type Line = {
  readonly what: string
  readonly ours: number
  /** The baseline of the same run; undefined where the peer is not at hand and only the aim stands. */
  readonly baseline?: number
  readonly unit: string
  /** What a peer was measured at; printed as of another run. */
  readonly peer?: string
  /** The most that is wanted: of `ours` by itself, of `ours / baseline`, or of `ours - baseline`. */
  readonly aim?: { readonly of: 'value' | 'ratio' | 'difference'; readonly most?: number; readonly least?: number; readonly from?: string }
}

/** Prints a table in Markdown, each aim with `holds` or `misses`. @returns how many were missed */
export function printTable(title: string, baseline: string, lines: readonly Line[]): number {
  const peers = lines.some(({ peer }) => peer !== undefined)
  const heads = ['what', 'ours', baseline, 'ratio', 'aim', '', ...(peers ? ['peer, other run'] : [])]
  console.log(`\n## ${title}\n\n| ${heads.join(' | ')} |\n|${' --- |'.repeat(heads.length)}`)
  let missed = 0
  for (const { what, ours, baseline: base, unit, aim, peer } of lines) {
    const ratio = base === undefined ? undefined : ours / base
    const judged = aim?.of === 'ratio' ? ratio : aim?.of === 'difference' ? ours - (base ?? 0) : ours
    const holds =
      aim === undefined || judged === undefined
        ? undefined
        : judged <= (aim.most ?? Number.POSITIVE_INFINITY) && judged >= (aim.least ?? Number.NEGATIVE_INFINITY)
    if (holds === false) missed += 1
    const cells = [
      what,
      `${short(ours)} ${unit}`,
      base === undefined ? '–' : `${short(base)} ${unit}`,
      ratio === undefined ? '–' : `${short(ratio)}×`,
      aimText(aim, unit),
      holds === undefined ? '' : holds ? 'holds' : 'misses',
      ...(peers ? [peer ?? ''] : []),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
  return missed
}

function aimText(aim: Line['aim'], unit: string): string {
  if (aim === undefined) return ''
  const bound = aim.most === undefined ? `≥ ${aim.least}` : `≤ ${aim.most}`
  const text = { value: `${bound} ${unit}`, ratio: `${bound}×`, difference: `${bound} ${unit} more` }[aim.of]
  return aim.from === undefined ? text : `${text} (${aim.from})`
}

function short(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 0.1 ? value.toFixed(2) : value.toFixed(4)
}
