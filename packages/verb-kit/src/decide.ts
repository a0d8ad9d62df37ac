import type { Role, Verb } from '@console/verbs/verb'
import type { Caller } from './caller.ts'

const rank: Record<Role, number> = { viewer: 1, operator: 2, admin: 3 }

/** Whether this caller may ask this verb at all; null when it may, else why not. A confirmation is judged apart. */
export function whyNot(verb: Verb, caller: Caller): string | null {
  if (caller.kind === 'service') return verb.service ? null : `${verb.id} is for people only.`
  if (verb.risk === 'destroy' && caller.amr.includes('api')) return `${verb.id} needs a person, not a token.`
  return rank[caller.role] >= rank[verb.role] ? null : `${verb.id} needs the role ${verb.role}; this is ${caller.role}.`
}
