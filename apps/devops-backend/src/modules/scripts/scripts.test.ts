import type { Script } from '@console/contracts/scripts/schemas'
import type { Context } from '@console/http-kit/context'
import { beforeEach, describe, expect, it } from 'vitest'
import { approveScript, listScripts, planScript, revokeScript, type ScriptDeps } from './scripts.ts'

const script = (scriptId: string, status: Script['status']) => ({ scriptId, status }) as Script
const ctx = { grant: 'g' } as unknown as Context

describe('scripts', () => {
  let asked: unknown[]
  let changed: string[]
  let deps: ScriptDeps
  beforeEach(() => {
    asked = []
    changed = []
    const note = (what: string) => async (input: unknown) => {
      asked.push([what, input])
      return { plan: {}, digest: 'd' }
    }
    deps = {
      askAs: () => ({ as: { accessToken: 'mine', grant: 'g' }, requestId: 'r1' }),
      changed: (id) => changed.push(id),
      agent: {
        listScripts: async () => ({
          items: [script('b', 'approved'), script('a', 'approved'), script('n', 'new'), script('c', 'changed'), script('r', 'refused')],
          canChangeUser: false,
          warnings: ['w'],
        }),
        planScript: note('plan'),
        approveScript: note('approve'),
        revokeScript: note('revoke'),
      } as never,
    }
  })

  it('are listed with what waits for a decision first', async () => {
    const { items, warnings } = await listScripts(deps, ctx)
    expect(items.map(({ scriptId }) => scriptId)).toEqual(['c', 'n', 'r', 'a', 'b'])
    expect(warnings).toEqual(['w'])
  })

  it('are planned with the wishes that were made, and no others', async () => {
    await planScript(deps, ctx, 'a', { user: undefined, timeoutSec: 60, variables: undefined })
    expect(asked).toEqual([['plan', { scriptId: 'a', timeoutSec: 60 }]])
  })

  it('are approved by the digest alone, which only the agent can judge, and revoked with a reason', async () => {
    expect(await approveScript(deps, ctx, 'a', 'd1')).toMatchObject({ scriptId: 'a' })
    expect(await revokeScript(deps, ctx, 'b', 'old')).toMatchObject({ scriptId: 'b' })
    expect(asked).toEqual([
      ['approve', 'd1'],
      ['revoke', { scriptId: 'b', reason: 'old' }],
    ])
    expect(changed).toEqual(['a', 'b'])
    await expect(approveScript(deps, ctx, 'gone', 'd')).rejects.toMatchObject({ code: 'SCRIPT_NOT_FOUND', status: 404 })
  })
})
