import { isFinal } from '@console/contracts/deployments/run-states'
import type { Run } from '@console/contracts/deployments/schemas'
import { runStatus } from '../../lib/run-words.ts'

/** Whether two moments fall on the same UTC day. @param now milliseconds */
export function isToday(iso: string, now: number): boolean {
  return now > 0 && iso.slice(0, 10) === new Date(now).toISOString().slice(0, 10)
}

/** The page's finding: `1 deployment failed today, 2 are under way`. */
export function findingOf(runs: readonly Run[], now: number): string {
  const open = runs.filter((run) => !isFinal(run.state)).length
  const failed = runs.filter(
    (run) => run.endedAt && isToday(run.endedAt, now) && (run.state === 'failed' || run.state === 'timed-out'),
  ).length
  const way = open === 0 ? '' : `${open} ${open === 1 ? 'is' : 'are'} under way`
  if (failed > 0) return `${failed} ${failed === 1 ? 'deployment' : 'deployments'} failed today${way && `, ${way}`}`
  return open > 0 ? `${open} ${open === 1 ? 'deployment is' : 'deployments are'} under way` : 'Deployments'
}

/** `5 today: 1 succeeded · 1 failed · 2 running`; empty when nothing was asked for today. */
export function countsOf(runs: readonly Run[], now: number): string {
  const today = runs.filter((run) => isToday(run.endedAt ?? run.queuedAt, now) || !isFinal(run.state))
  const words = Map.groupBy(today, (run) => runStatus(run).word)
  if (today.length === 0) return ''
  return `${today.length} today: ${[...words].map(([word, list]) => `${list.length} ${word}`).join(' · ')}`
}

/** Whether a run fits what is typed in the search field. */
export function matches(run: Run, q: string): boolean {
  const text = `#${run.number} ${run.serviceName} ${run.reason} ${run.actor.name ?? run.actor.id} ${runStatus(run).word} ${run.outcome ?? ''}`
  return text.toLowerCase().includes(q.trim().toLowerCase())
}
