import { randomUUID } from 'node:crypto'
import type { RunningParts } from '@console/testkit/running-parts'
import { expect } from 'vitest'
import { accessClaims, grantClaims, headerOf, signed } from './forged-tokens.ts'
import { askDaemon, codeOf } from './raw-asking.ts'

type Claims = Readonly<Record<string, unknown>>
export type Confirmer = { readonly sub: string; readonly sid: string }
export type Plan = { readonly plan: Record<string, unknown>; readonly digest: string }

/** Admins at host-agent, each with a budget of their own, who look at the plan of a script and confirm it. */
export function createConfirming(parts: RunningParts, scriptId: string) {
  const socket = parts.socketOf('host-agent')
  const bearer = (who: Confirmer, over: Claims = {}) =>
    `Bearer ${signed(headerOf('at+jwt', parts.tokenKey), accessClaims({ ...who, ...over }), parts.tokenKey.privateKey)}`
  const grant = (who: Confirmer, digest: string, over: Claims = {}, key = parts.tokenKey) =>
    signed(headerOf('grant+jwt', key), grantClaims({ ...who, digest, ...over }), key.privateKey)
  const somebody = (): Confirmer => ({ sub: `person-${randomUUID()}`, sid: `session-${randomUUID()}` })
  const plan = async (who: Confirmer): Promise<Plan> => {
    const answer = await askDaemon(socket, 'scripts.plan', { authorization: bearer(who), args: { scriptId } })
    if (answer.status !== 200) throw new Error(`no plan: ${answer.text}`)
    return JSON.parse(answer.text.slice(answer.text.indexOf('{'), answer.text.lastIndexOf('}') + 1)) as Plan
  }
  /** Carries a plan out with a confirmation, or with none. */
  const approve = (who: Confirmer, digest: string | object, shown?: string, over: { authorization?: string } = {}) =>
    askDaemon(socket, 'scripts.approve', {
      authorization: bearer(who),
      ...over,
      args: { digest },
      ...(shown !== undefined && { grant: shown }),
    })
  return {
    bearer,
    grant,
    somebody,
    plan,
    approve,
    /** The control of most cases: somebody else looks at the plan, confirms it, and it is carried out. */
    async works(make: (who: Confirmer, digest: string) => string = grant): Promise<void> {
      const who = somebody()
      const { digest } = await plan(who)
      expect(codeOf(await approve(who, digest, make(who, digest)))[0]).toBe(200)
    },
    /** How often something was approved, by the journal. */
    effects: () => parts.rows('host-agent').filter((row) => row.action === 'scripts.approve' && row.outcome === 'done').length,
    /** What the journal says of one call. */
    outcomes: (requestId: string) =>
      parts
        .rows('host-agent')
        .filter((row) => row.requestId === requestId)
        .map((row) => `${row.outcome} ${row.code ?? ''}`.trim()),
  }
}
