import type { AuditLog } from '@console/audit-chain/log'
import type { HealthCheck } from '@console/contracts/health/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import { addressOf } from './check-address.ts'
import { judgeTarget, type TargetRules } from './target-guard.ts'

/**
 * Who may enter which address: everybody what is on a list, an admin also what is on none, nobody what checks never reach.
 * @param known origins that an admin entered before for the same service: they may stay
 * @returns the origins that stand on an admin's word alone
 * @throws AppError HEALTH_TARGET_REFUSED
 */
export function enterTargets(
  checks: readonly HealthCheck[],
  { rules, role, known }: { readonly rules: TargetRules; readonly role: string | null; readonly known: readonly string[] },
): string[] {
  const admitted = new Set<string>()
  for (const check of checks) {
    if (check.kind === 'container') continue
    const { host, port, origin } = addressOf(check)
    const verdict = judgeTarget(host, port, rules)
    if (!('why' in verdict)) continue
    if (verdict.go === 'refused') throw refusal(`${verdict.why}.`)
    if (role !== 'admin' && !known.includes(origin)) throw refusal(`${verdict.why}. An admin may enter it.`)
    admitted.add(origin)
  }
  return [...admitted]
}

/** Runs `keep` between two rows for each origin that an admin has just let checks reach; if the first cannot be written, nothing is kept. */
export async function recordAdmitted<T>(
  audit: Pick<AuditLog, 'append'>,
  { origins, ctx, serviceId }: { readonly origins: readonly string[]; readonly ctx: Context; readonly serviceId: string },
  keep: () => Promise<T>,
): Promise<T> {
  const { kind, id, name } = ctx.actor
  const rowFor = (target: string) => ({
    action: 'health.target.admit',
    actor: { kind, id, ...(name && { name }) },
    requestId: ctx.requestId,
    target,
    risk: 'change',
    address: ctx.address,
    details: { service: serviceId },
  })
  const begun = await Promise.all(origins.map((target) => audit.append({ ...rowFor(target), outcome: 'started' })))
  const settle = (outcome: 'done' | 'failed') =>
    Promise.allSettled(begun.map(({ target, seq }) => audit.append({ ...rowFor(target), outcome, of: seq })))
  try {
    const kept = await keep()
    await settle('done')
    return kept
  } catch (error) {
    await settle('failed')
    throw error
  }
}

function refusal(why: string): AppError {
  return new AppError('HEALTH_TARGET_REFUSED', 400, `This address cannot be checked: ${why}`)
}
