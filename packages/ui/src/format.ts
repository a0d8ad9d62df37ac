const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `18.6 GiB`; IEC units, one digit after the point from KiB on. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)}\u00a0${units[unit]}`
}

/** `1 line`, `2,000 lines`; with another plural where it is not made by an s. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
}

/** `3 m 51 s`, `2 h 4 m`, `5 d`; the two largest units. @param ms milliseconds */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return '0\u00a0s'
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}\u00a0${unit}`)
    .join(' ')
}

/** How long something took that somebody waits for: `250 ms`, `8.8 s`; from a minute on as other durations. */
export function formatLatency(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)}\u00a0ms`
  return ms < 59_950 ? `${Number((ms / 1_000).toFixed(1))}\u00a0s` : formatDuration(ms)
}

/** `3 m ago`, up to seven days; after that the UTC date. */
export function formatAgo(iso: string, now: number): string {
  const ms = now - Date.parse(iso)
  // Clocks tick by the second, so that what has just happened can lie a little ahead.
  if (Math.abs(ms) < 1_500) return 'now'
  if (ms < 0) return `in ${largest(-ms)}`
  return ms < 7 * 86_400_000 ? `${largest(ms)} ago` : formatDay(iso, now)
}

/** `2026-11-24 09:30:00 UTC` */
export function formatInstant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

/** `Nov 24`; `Nov 24, 2025` where it is another year than now. */
export function formatDay(iso: string, now = Date.now()): string {
  const day = new Date(iso)
  const year = day.getUTCFullYear() === new Date(now).getUTCFullYear() ? {} : ({ year: 'numeric' } as const)
  return day.toLocaleDateString('en-US', { month: 'short', day: '2-digit', timeZone: 'UTC', ...year })
}

/** `14:29:33.008`, UTC. */
export function formatClock(iso: string, withMs = true): string {
  return iso.slice(11, withMs ? 23 : 19)
}

/** Percent with the digits that decide: `100 %`, `99.95 %`, `no data`. */
export function formatRatio(ratio: number | null): string {
  if (ratio === null) return 'no data'
  const percent = ratio * 100
  return `${percent >= 99.995 ? '100' : percent >= 99 ? percent.toFixed(2) : percent.toFixed(1)}\u00a0%`
}

/** `124 up · 18 unknown · 1 down of 143`: what is up first, unknown never left out. */
export function formatTotals(counts: Readonly<Record<string, number>>, total: number): string {
  const parts = Object.entries(counts)
    .filter(([name, count]) => count > 0 || name === 'up')
    .map(([name, count]) => `${count} ${name}`)
  return parts.length > 1 || total === 0 ? `${parts.join(' · ')} of ${total}` : (parts[0] ?? '')
}

function largest(ms: number): string {
  return formatDuration(ms).split(' ')[0] ?? ''
}
