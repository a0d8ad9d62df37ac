import type { Context } from '@console/http-kit/context'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DockerDeps } from '../../clients/docker-proxy.ts'
import { listCleanups, planCleanup, planOlder, runCleanup } from './cleanup.ts'

const ctx = {} as Context
let asked: unknown[]
const deps = {
  dashboard: 'https://devops.example.net',
  askAs: () => ({ as: { accessToken: 'mine', grant: 'g' }, requestId: 'r1', signal: AbortSignal.abort() }),
  docker: {
    planCleanup: async (input: { kinds: string[] }) => {
      asked.push(input)
      return { plan: { choice: { kinds: input.kinds } }, digest: 'd1' }
    },
    runCleanup: async (input: object, ask: object) => {
      asked.push([input, ask])
      return { receipt: {} }
    },
    cleanups: async (limit: number) => {
      asked.push(limit)
      return { items: [] }
    },
  },
} as unknown as DockerDeps & { dashboard: string }

beforeEach(() => {
  asked = []
})

describe('a cleanup', () => {
  it('is planned by either spelling of a kind, each once', async () => {
    await planCleanup(deps, ctx, { kinds: ['container', 'containers', 'image', 'volume', 'builder'], images: 'unused', volumes: ['data'] })
    await planCleanup(deps, ctx, { kinds: ['build-cache'], images: undefined, volumes: undefined })
    expect(asked).toEqual([
      { kinds: ['containers', 'images', 'volumes', 'build-cache'], images: 'unused', volumes: ['data'] },
      { kinds: ['build-cache'] },
    ])
  })

  it('is only planned where an older script asks for it in one call, and it says where it is confirmed', async () => {
    await expect(planOlder(deps, ctx, { type: 'builder' })).rejects.toMatchObject({
      code: 'CLEANUP_PLANNED',
      status: 409,
      details: { digest: 'd1', plan: {}, confirmAt: 'https://devops.example.net/system?kinds=build-cache' },
    })
    expect(asked).toEqual([{ kinds: ['build-cache'] }])
  })

  it('is carried out with the confirmation, and goes on when whoever asked leaves', async () => {
    await runCleanup(deps, ctx, { digest: 'd1', reason: 'to make room' })
    await runCleanup(deps, ctx, { digest: 'd2', reason: undefined })
    const ask = { as: { accessToken: 'mine', grant: 'g' }, requestId: 'r1', signal: undefined }
    expect(asked).toEqual([
      [{ digest: 'd1', reason: 'to make room' }, ask],
      [{ digest: 'd2' }, ask],
    ])
  })

  it('leaves a receipt, of which the newest are listed', async () => {
    expect(await listCleanups(deps, ctx)).toEqual({ items: [], nextCursor: null })
    await listCleanups(deps, ctx, 3)
    expect(asked).toEqual([20, 3])
  })
})
