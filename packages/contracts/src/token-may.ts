import type { Action } from './action.ts'

/**
 * Whether an API token can carry an action at all. What destroys needs a person, and so does what asks for a factor or acts on the own
 * session; what every session may do is no permission to hand out.
 */
export function tokenMay({ auth, risk, role, errors }: Pick<Action, 'auth' | 'risk' | 'role' | 'errors'>): boolean {
  return auth === 'session' && risk !== 'destroy' && role !== 'any' && !errors.includes('AUTH_STEP_UP_REQUIRED')
}
