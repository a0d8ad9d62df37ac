const key = 'bytelyst.heard.v1'
const everyMs = 5_000
let notedAt = 0

/** Keeps when the console last answered: the time alone, nothing of what it said. */
export function noteHeard(now = Date.now()): void {
  if (Math.abs(now - notedAt) < everyMs) return
  notedAt = now
  try {
    localStorage.setItem(key, new Date(now).toISOString())
  } catch {
    // Then nothing can say so later.
  }
}

/** When the console last answered in this browser, as ISO text; null where that is not known. */
export function lastHeard(): string | null {
  try {
    const kept = localStorage.getItem(key)
    return kept !== null && !Number.isNaN(Date.parse(kept)) ? kept : null
  } catch {
    return null
  }
}
