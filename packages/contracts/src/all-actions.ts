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
  return actions
}
