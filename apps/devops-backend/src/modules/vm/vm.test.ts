import type { Context } from '@console/http-kit/context'
import { beforeEach, expect, it } from 'vitest'
import { listVmCleanups, readLog, runVmCleanup, type VmDeps } from './vm.ts'

const ctx = {} as Context
let asked: unknown[]
const told = async (...given: unknown[]) => {
  asked.push(given)
  return { items: [] }
}
const deps = {
  askAs: () => ({ as: { accessToken: 'mine', grant: 'g' }, requestId: 'r1', signal: AbortSignal.abort() }),
  agent: { vmLog: told, runVmCleanup: told, vmCleanups: told },
} as unknown as VmDeps

beforeEach(() => {
  asked = []
})

it('asks for a log by the name of its route, and for as many lines as were wanted', async () => {
  await readLog(deps, ctx, 'watchdog', undefined)
  await readLog(deps, ctx, 'cleanup', 5)
  expect(asked.map((given) => (given as unknown[])[0])).toEqual([{ log: 'watchdog' }, { log: 'cleanup', lines: 5 }])
})

it('forwards the confirmation of a cleanup, which goes on when whoever asked leaves', async () => {
  await runVmCleanup(deps, ctx, { digest: 'd1', reason: 'to make room' })
  await runVmCleanup(deps, ctx, { digest: 'd2', reason: undefined })
  const ask = { as: { accessToken: 'mine', grant: 'g' }, requestId: 'r1', signal: undefined }
  expect(asked).toEqual([
    [{ digest: 'd1', reason: 'to make room' }, ask],
    [{ digest: 'd2' }, ask],
  ])
})

it('lists the newest receipts', async () => {
  expect(await listVmCleanups(deps, ctx)).toEqual({ items: [], nextCursor: null })
  await listVmCleanups(deps, ctx, 3)
  expect(asked.map((given) => (given as unknown[])[0])).toEqual([20, 3])
})
