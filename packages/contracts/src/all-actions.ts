import { allVerbs } from '@console/verbs/all'
import type { Verb } from '@console/verbs/verb'
import type { Action } from './action.ts'
import { devopsActions } from './devops-actions.ts'
import { platformActions } from './platform-actions.ts'

/** The whole registry. Ids are permanent and unique over both APIs. */
export const allActions: readonly Action[] = checked([...devopsActions, ...platformActions])

function checked(actions: Action[]): Action[] {
  for (const [what, keyOf] of [
    ['id', (a: Action) => a.id],
    ['route', (a: Action) => `${a.api} ${a.method} ${a.path}`],
  ] as const) {
    const keys = actions.map(keyOf)
    const twice = keys.filter((key, at) => keys.indexOf(key) !== at)
    if (twice.length > 0) throw new Error(`the registry has one ${what} twice: ${twice.join(', ')}`)
  }
  const unnamed = unnamedVerbs(actions, allVerbs)
  if (unnamed.length > 0) throw new Error(`no action names the verb ${unnamed.join(', ')}, so nobody could know what may be done`)
  return actions
}

/** Verbs that no action carries out or reads from: a way to touch the host beside the registry. */
export function unnamedVerbs(actions: readonly Action[], verbs: readonly Verb[]): string[] {
  const keyOf = ({ daemon, id }: Verb): string => `${daemon} ${id}`
  const named = new Set(actions.flatMap(({ verb, reads }) => [...(verb ? [verb] : []), ...reads]).map(keyOf))
  return verbs.map(keyOf).filter((key) => !named.has(key))
}
