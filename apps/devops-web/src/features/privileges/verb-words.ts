import { devopsActions } from '@console/contracts/devops-actions'
import type { VerbRow } from '@console/contracts/privileges/actions'
import { roleAllows } from '@console/contracts/roles'
import type { Role } from '@console/contracts/shapes'
import { formatDuration } from '@console/ui/format.ts'

const routes = new Map(devopsActions.map(({ id, method, path }) => [id as string, `${method} ${path}`]))

/** The routes of the API that lead to a verb. */
export function routesOf({ actions }: VerbRow): string[] {
  return actions.map((id) => routes.get(id) ?? id)
}

/** `60 in 1 m each person`; what limits a verb beside the common limits of its risk. */
export function limitsOf({ limits }: VerbRow): string {
  return limits.map(({ per, max, windowMs }) => `${max} in ${formatDuration(windowMs)} for each ${per}`).join('; ')
}

/** Whether a role suffices; a grant comes on top where one is asked for. */
export function mayCall(role: Role | null, verb: VerbRow): boolean {
  return roleAllows(role, verb.role)
}

/** The table for a page of one's own. */
export function asMarkdown(verbs: readonly VerbRow[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const head = '| Daemon | Verb | Routes | What runs | Risk | Needs | Confirmed |\n| --- | --- | --- | --- | --- | --- | --- |'
  const rows = verbs.map((verb) =>
    [
      verb.daemon,
      verb.id,
      routesOf(verb).join(', ') || 'the backend itself',
      verb.runs,
      verb.risk,
      verb.role,
      verb.grant ? 'by a grant' : 'no',
    ].map(cell),
  )
  return `${head}\n${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}
