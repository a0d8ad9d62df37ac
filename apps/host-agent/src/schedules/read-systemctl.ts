/** One unit as `systemctl show` tells it: every value of a name, in their order, since some names come several times. */
export type Shown = ReadonlyMap<string, readonly string[]>

const mostUnits = 300
/** What systemd allows in the name of a unit, `man 5 systemd.unit`; one that begins with a dash is passed after `--` all the same. */
const unitName = /^[A-Za-z0-9:_.\\@-]{1,251}\.(?:service|timer|socket|mount|path|target|slice|scope|swap|automount|device)$/

/** The names in the first column of `systemctl list-units --plain --no-legend`; what is no name of a unit is left out. */
export function unitsIn(text: string): { readonly names: readonly string[]; readonly left: number } {
  const names = text
    .split('\n')
    .map((line) => /^(?:[●*×x]\s)?\s*(\S+)/.exec(line)?.[1] ?? '')
    .filter((name) => unitName.test(name))
  return { names: names.slice(0, mostUnits), left: Math.max(0, names.length - mostUnits) }
}

export const isUnit = (name: string): boolean => unitName.test(name)

/** Blocks of `Name=value` lines, parted by empty lines. A line that is none belongs to the value before. */
export function blocksIn(text: string): readonly Shown[] {
  return text
    .split(/\n\n+/)
    .map((block) => {
      const shown = new Map<string, string[]>()
      for (const line of block.split('\n')) {
        const [, name, value] = /^([A-Z][A-Za-z]{1,60})=(.*)$/.exec(line) ?? []
        if (name === undefined || value === undefined) continue
        shown.set(name, [...(shown.get(name) ?? []), value])
      }
      return shown
    })
    .filter((shown) => shown.size > 0)
}

export const textOf = (shown: Shown | undefined, name: string): string => shown?.get(name)?.[0] ?? ''

/** `Sat 2026-11-28 15:19:00 UTC`, as an instant; null for `n/a` and for nothing. */
export function instantOf(text: string): string | null {
  const [, day, time] = /^[A-Z][a-z]{2} ([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)? UTC$/.exec(text) ?? []
  if (day === undefined || time === undefined) return null
  const ms = Date.parse(`${day}T${time}.000Z`)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}

const unitsMs: Readonly<Record<string, number>> = {
  y: 31_557_600_000,
  month: 2_629_800_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  min: 60_000,
  s: 1_000,
  ms: 1,
  us: 0.001,
}

/** `1d 17h 34min 9.618092s` in milliseconds, `man 7 systemd.time`; null for `infinity`, `0` and what is none. */
export function spanMsOf(text: string): number | null {
  const parts = text.split(' ').map((part) => /^([0-9]{1,12}(?:\.[0-9]{1,6})?)(y|month|w|d|h|min|s|ms|us)$/.exec(part))
  if (parts.some((part) => part === null)) return null
  return Math.round(parts.reduce((sum, part) => sum + Number(part?.[1]) * (unitsMs[part?.[2] ?? ''] ?? 0), 0))
}

/** A whole number; null for `[not set]`, which a manager of an account says of memory that it may not count, and for 2^64 - 1, which stands for the same. */
export function countOf(text: string): number | null {
  const value = /^[0-9]{1,20}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : null
}

/** The command line of the last `ExecStart`. */
export function commandIn(shown: Shown | undefined): string {
  const told = shown?.get('ExecStart')?.at(-1) ?? ''
  return /argv\[\]=(.*?) ; ignore_errors=/.exec(told)?.[1] ?? ''
}
