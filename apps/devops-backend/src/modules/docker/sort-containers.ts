import type { Container } from '@console/contracts/docker/schemas'

/** What an operator wants to see first: restarting, unhealthy, killed for want of memory, failed, then the rest by name. */
export function worstFirst(a: Container, b: Container): number {
  return rank(a) - rank(b) || a.name.localeCompare(b.name)
}

/** Unhealthy, restarting again and again, killed by the kernel, or ended with a failure. */
export function needsLook(container: Container): boolean {
  return rank(container) < 4
}

function rank({ state, health, oomKilled, exitCode }: Container): number {
  if (state === 'restarting') return 0
  if (health === 'unhealthy') return 1
  if (oomKilled) return 2
  if (state === 'dead' || (state === 'exited' && exitCode !== null && exitCode !== 0 && exitCode !== 143)) return 3
  if (health === 'starting') return 4
  return state === 'running' ? 5 : 6
}
