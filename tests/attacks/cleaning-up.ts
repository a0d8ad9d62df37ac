import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Trial } from '@console/testkit/attack'
import { type As, until } from '@console/testkit/daemon-harness'
import type { ProxyFront } from '@console/testkit/proxy-front'
import { canonical, type Plain } from '@console/verbs/canonical'
import { expect } from 'vitest'

type Item = { readonly id: string; readonly why?: string }
export type Plan = {
  readonly plan: Record<string, Plain> & { readonly items: Item[]; readonly kept: Item[] }
  readonly digest: string
}
type Told = { readonly id: string; readonly result: string; readonly why: string | null }
type Receipt = { readonly digest: string; readonly state: string; readonly exceptions: Told[] }

const withinMs = 60_000

/** What a case asks of docker-proxy's cleanups. @param rig read at each question, since it starts later */
export function cleaningUp(rig: () => ProxyFront) {
  const plan = async (args: object, as: As = 'admin') => {
    const { status, body, text } = await rig().kit.ask('cleanup.plan', args, as)
    expect([status, text.slice(0, 500)]).toEqual([200, expect.any(String)])
    return body as unknown as Plan
  }
  const grant = (digest: string, over = {}) => rig().kit.grant('cleanup.run', digest, over)
  const run = (digest: unknown, shown?: string, as: As = 'admin') => rig().kit.ask('cleanup.run', { digest }, as, shown)
  const receiptOf = (digest: string) =>
    until(
      'the cleanup ends',
      async () => {
        const { items } = (await rig().kit.ask('cleanup.list', {}, 'service')).body as unknown as { items: Receipt[] }
        return items.find((one) => one.digest === digest && one.state !== 'running')
      },
      withinMs,
    )
  const endRows = async (digest: string) =>
    (await rig().rows()).filter(({ action, details }) => action === 'cleanup.run.end' && details?.digest === digest)
  return {
    plan,
    grant,
    run,
    receiptOf,
    endRows,
    async carriedOut(digest: string): Promise<Receipt> {
      expect((await run(digest, grant(digest))).status).toBe(200)
      return receiptOf(digest)
    },
    told: ({ exceptions }: Receipt) => exceptions.map(({ id, result, why }) => [id, result, why]),
    kept: ({ plan: { kept: all } }: Plan) => Object.fromEntries(all.map(({ id, why }) => [id, why])),
    async onRecord(digest: string, outcome = 'done') {
      await until('its end is on record', async () => (await endRows(digest)).length === 1, withinMs)
      expect(await endRows(digest)).toMatchObject([{ outcome }])
      expect(
        (await rig().rows())
          .filter(({ action, target }) => action === 'cleanup.run' && target === digest)
          .map((row) => row.outcome)
          .slice(-2),
      ).toEqual(['started', 'done'])
    },
  }
}

/** D14, where one container has ended that nobody needs. @param removals what the engine was asked to remove so far */
export async function tryWithoutPlan(rig: ProxyFront, { attack, control, row }: Trial, removals: () => readonly unknown[]): Promise<void> {
  const { plan, grant, run, receiptOf, told, endRows } = cleaningUp(() => rig)
  const earlier = removals().length
  const made = await plan({ kinds: ['containers'] })
  const { digest } = made
  const code = async (answer: ReturnType<typeof run>) => (await answer).body.code
  await attack('is refused, each with its own code, and nothing is removed', async () => {
    const unknown = 'f'.repeat(64)
    expect(await code(run(unknown, grant(unknown)))).toBe('PLAN_NOT_FOUND')
    for (const bad of [digest.toUpperCase(), digest.slice(1), ` ${digest}`, [digest], null, 5])
      expect([bad, await code(run(bad, grant(digest)))]).toEqual([bad, 'INPUT_INVALID'])
    rig.kit.nextPerson()
    const old = { ...made.plan, createdAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T00:15:00.000Z' }
    const oldDigest = createHash('sha256').update(canonical(old)).digest('hex')
    writeFileSync(join(rig.kit.dataDir, 'docker-proxy/plans', `${oldDigest}.json`), JSON.stringify({ plan: old, used: false }))
    expect(await code(run(oldDigest, grant(oldDigest)))).toBe('PLAN_EXPIRED')
    expect(await code(run(digest))).toBe('AUTH_GRANT_REQUIRED')
    expect(await code(run(digest, grant(unknown)))).toBe('AUTH_GRANT_MISMATCH')
    expect(await code(run(digest, rig.kit.grant('cleanup.list', digest)))).toBe('AUTH_GRANT_MISMATCH')
    expect(await code(run(digest, grant(digest, { sub: 'somebody-else' })))).toBe('AUTH_GRANT_MISMATCH')
    expect(await code(run(digest, grant(digest, { sid: 'another-session' })))).toBe('AUTH_GRANT_MISMATCH')
    for (const as of ['operator', 'viewer', 'service'] as const) expect(await code(run(digest, grant(digest), as))).toBe('AUTH_FORBIDDEN')
    expect((await rig.kit.ask('cleanup.plan', { kinds: ['containers'] }, 'viewer')).body.code).toBe('AUTH_FORBIDDEN')
    expect(removals().length).toBe(earlier)
  })
  rig.kit.nextPerson()
  const confirmed = grant(digest)
  await control('another person’s plan with one’s own confirmation is carried out', async () => {
    expect((await run(digest, confirmed)).status).toBe(200)
    expect(told(await receiptOf(digest))).toEqual([])
    expect(await code(run(digest, confirmed))).toBe('AUTH_GRANT_USED')
    expect(await code(run(digest, grant(digest)))).toBe('PLAN_USED')
    expect(removals().length - earlier).toBe(1)
  })
  await row('names both, and each refusal has one', async () => {
    const [end] = await until('its end is on record', async () => ((await endRows(digest)).length > 0 ? endRows(digest) : null), withinMs)
    expect([end?.actor.id === end?.details?.plannedBy, end?.details?.plannedBy]).toEqual([false, made.plan.plannedBy])
    const codes = (await rig.rows()).filter(({ action }) => action === 'cleanup.run').map((one) => one.code)
    for (const one of ['PLAN_NOT_FOUND', 'PLAN_EXPIRED', 'PLAN_USED', 'AUTH_GRANT_MISMATCH', 'AUTH_GRANT_USED', 'AUTH_FORBIDDEN'])
      expect(codes).toContain(one)
  })
}
