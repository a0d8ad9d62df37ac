import type { Container } from '@console/contracts/docker/schemas'
import type { StatusKind } from '@console/ui/status.tsx'

/** Unhealthy, restarting again and again, killed by the kernel, or ended with a failure. */
export function needsLook({ state, health, oomKilled, exitCode }: Container): boolean {
  return (
    state === 'restarting' ||
    state === 'dead' ||
    health === 'unhealthy' ||
    oomKilled ||
    (state === 'exited' && exitCode !== null && exitCode !== 0 && exitCode !== 143)
  )
}

/** The state of a container as a glyph, a word and what stands behind it. */
export function containerStatus({ state, health, oomKilled, exitCode }: Container): {
  kind: StatusKind
  word: string
  detail: string | null
} {
  const exit = exitCode === null ? null : `exit ${exitCode}${oomKilled ? ', out of memory' : ''}`
  if (state === 'restarting') return { kind: 'bad', word: 'restarting', detail: exit }
  if (health === 'unhealthy') return { kind: 'warn', word: 'unhealthy', detail: null }
  if (state === 'running' && health === 'starting') return { kind: 'running', word: 'starting', detail: null }
  if (state === 'running') return { kind: 'ok', word: health === 'healthy' ? 'healthy' : 'running', detail: null }
  if (state === 'paused') return { kind: 'paused', word: 'paused', detail: null }
  const failed = oomKilled || state === 'dead' || (exitCode !== null && exitCode !== 0 && exitCode !== 143)
  return { kind: failed ? 'bad' : 'stopped', word: state, detail: exit }
}
