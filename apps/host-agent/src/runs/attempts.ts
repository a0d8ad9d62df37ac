const sameTroubleMs = 60_000

/** Does work that is done again and again, for each name by itself: what fails keeps no other from its turn, and is told once a minute. */
export function createAttempts(
  tell: (name: string, error: unknown) => void,
  monotonic: () => number = () => performance.now(),
): (name: string, work: () => void) => void {
  const told = new Map<string, number>()
  return (name, work) => {
    try {
      work()
      told.delete(name)
    } catch (error) {
      const at = monotonic()
      if (at - (told.get(name) ?? Number.NEGATIVE_INFINITY) < sameTroubleMs) return
      told.set(name, at)
      tell(name, error)
    }
  }
}
