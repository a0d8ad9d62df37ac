import type { Action, ActionRole } from './action.ts'

const rank: Record<ActionRole, number> = { any: 0, viewer: 1, operator: 2, admin: 3 }

/** @param role of the membership in the product whose API serves the action; null where there is none. */
export function roleAllows(role: Exclude<ActionRole, 'any'> | null, needed: ActionRole): boolean {
  return needed === 'any' || (role !== null && rank[role] >= rank[needed])
}

/** The permissions of a role are ids of actions: there is no second list. */
export function permissionsOf(role: Exclude<ActionRole, 'any'> | null, actions: readonly Action[]): readonly string[] {
  return actions.filter((action) => action.auth === 'session' && roleAllows(role, action.role)).map((action) => action.id)
}

/** Why a control may not be pressed, in words for the person; null when it may. The API refuses by the same rule. */
export function whyNot(role: Exclude<ActionRole, 'any'> | null, action: Action): string | null {
  if (roleAllows(role, action.role)) return null
  return role === null ? `You have no access here. It needs the role ${action.role}.` : `Your role is ${role}. This needs ${action.role}.`
}
