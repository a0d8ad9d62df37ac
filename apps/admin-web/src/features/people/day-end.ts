/** The end of a day in UTC, as an instant. */
export function dayEnd(day: string): string {
  return `${day}T23:59:59.000Z`
}
