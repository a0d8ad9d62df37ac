import type { Action } from './action.ts'

/** The actions among what a module exports, in the order of their names. */
export function actionsIn(module: object): Action[] {
  return Object.values(module).filter(
    (value): value is Action => typeof value === 'object' && value !== null && 'method' in value && 'risk' in value,
  )
}
