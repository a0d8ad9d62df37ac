import type { Action } from './action.ts'
import { listPlatformAuditRows } from './audit/actions.ts'
import * as auth from './auth/actions.ts'
import * as internal from './internal/actions.ts'
import * as people from './people/actions.ts'

/** Every operation of platform-service, under `/platform/api`. */
export const platformActions: readonly Action[] = [
  ...actionsIn(auth),
  ...actionsIn(people),
  ...actionsIn(internal),
  listPlatformAuditRows as Action,
]

function actionsIn(module: object): Action[] {
  return Object.values(module).filter(
    (value): value is Action => typeof value === 'object' && value !== null && 'method' in value && 'risk' in value,
  )
}
