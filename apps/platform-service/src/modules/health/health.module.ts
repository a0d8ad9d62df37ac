import { getPlatformHealth } from '@console/contracts/auth/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'

export type HealthAnswer = { status: 'ok' | 'degraded'; problems: string[] }
/** One thing that may be wrong: a sentence, or null. */
export type HealthCheck = () => Promise<string | null> | string | null

/** Problems are told in words that help whoever looks, and give nothing away to anybody else. */
export async function healthOf(checks: readonly HealthCheck[]): Promise<HealthAnswer> {
  const problems = (await Promise.all(checks.map((check) => check()))).filter((problem) => problem !== null)
  return { status: problems.length === 0 ? 'ok' : 'degraded', problems }
}

export const bindHealth = (checks: readonly HealthCheck[]): BoundAction[] => [bind(getPlatformHealth, () => healthOf(checks))]
