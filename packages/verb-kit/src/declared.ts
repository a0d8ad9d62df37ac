import type { Verb } from '@console/verbs/verb'

const kinds = ['ref', 'digest', 'id', 'model', 'bool', 'int', 'enum', 'text', 'list', 'values']

/**
 * Holds a row against what every check of the daemon reads from it. Types say the same, but a row may come from a hand that got round them,
 * and one without a role would let everybody in.
 * @throws Error that names the verb and what is missing
 */
export function assertDeclared(verb: Verb): void {
  const { id, risk, role, service, args, limits, runs } = verb as Readonly<Record<keyof Verb, unknown>>
  const wrong = (why: string): Error => new Error(`The verb ${String(id)} ${why}, so nothing is served.`)
  if (typeof id !== 'string' || !/^[a-z][a-zA-Z]*(\.[a-z][a-zA-Z]*){0,2}$/.test(id)) throw wrong('has no id such as noun.verb')
  if (!['read', 'change', 'destroy'].includes(risk as string)) throw wrong('declares no risk')
  if (!['viewer', 'operator', 'admin'].includes(role as string)) throw wrong('declares no role')
  if (typeof service !== 'boolean') throw wrong('does not say whether the backend’s key may ask')
  if (!isKnown(args)) throw wrong('declares no arguments that can be checked')
  if (!Array.isArray(limits)) throw wrong('declares no limits, not even none')
  if (typeof runs !== 'string' || runs === '') throw wrong('does not say what runs')
  if (risk !== 'destroy') return
  if (service) throw wrong('destroys, which the backend’s key may never ask')
  if ((args.digest as { is?: unknown } | undefined)?.is !== 'digest') throw wrong('destroys without the digest that is confirmed')
}

function isKnown(args: unknown): args is Record<string, { is: string }> {
  if (typeof args !== 'object' || args === null) return false
  return Object.values(args).every((arg: { is?: unknown; of?: { is?: unknown } } | null) => {
    const named = arg?.is === 'list' ? [arg.is, arg.of?.is] : [arg?.is]
    return named.every((kind) => kinds.includes(kind as string))
  })
}
