import type { ApiToken } from '@console/contracts/api-tokens/schemas'

const soonMs = 7 * 86_400_000

/** Whether an active token ends within a week. @param now milliseconds since 1970; 0 before the page has come to life */
export function endsSoon({ state, expiresAt }: Pick<ApiToken, 'state' | 'expiresAt'>, now: number): boolean {
  return now > 0 && state === 'active' && Date.parse(expiresAt) - now < soonMs
}
