import type { Action, ActionRole } from '@console/contracts/action'
import { devopsProduct, platformProduct } from '../../identity/products.ts'

type Verb = NonNullable<Action['verb']>
/** What can be confirmed: who carries it out, and which role it asks for in which product. */
export type Confirmable = { readonly audience: string; readonly role: ActionRole; readonly productId: string }

/**
 * What destroys, by the id that a grant names: verbs of the daemons, and actions that touch no daemon. The audience follows from the
 * registry, never from a request.
 * @throws Error when two would share an id, since a grant for one would then be good for the other
 */
export function confirmableIn(verbs: readonly Verb[], actions: readonly Action[]): ReadonlyMap<string, Confirmable> {
  const found = new Map<string, Confirmable>()
  const add = (id: string, what: Confirmable) => {
    if (found.has(id)) throw new Error(`two things that destroy are called ${id}`)
    found.set(id, what)
  }
  for (const { id, risk, daemon, role } of verbs) if (risk === 'destroy') add(id, { audience: daemon, role, productId: devopsProduct })
  for (const { id, api, risk, verb, role } of actions)
    if (risk === 'destroy' && !verb)
      add(id, {
        audience: api === 'devops' ? 'devops-backend' : 'platform-service',
        role,
        productId: api === 'devops' ? devopsProduct : platformProduct,
      })
  return found
}
