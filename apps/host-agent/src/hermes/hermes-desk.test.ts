import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { homesFolder, makeHome } from '@console/testkit/made-home'
import type { VerbContext } from '@console/verb-kit/handler'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { type HermesDesk, openHermesDesk } from './hermes-desk.ts'
import { readInstances } from './instances.ts'
import { seen } from './seen-look.fake.ts'

const root = mkdtempSync(join(tmpdir(), 'hermes-root-'))
const homes = homesFolder()
const uid = process.getuid?.() ?? 0
const ctx = {} as VerbContext
type Ops = {
  readonly instances: readonly { readonly disk: { readonly totalBytes: number } | null; readonly growth: object | null }[]
  readonly warnings: readonly { readonly id: string }[]
}
const ask = async (desk: HermesDesk, id: string, args: object = {}): Promise<unknown> => {
  const found = desk.handled.find(({ verb }) => verb.id === id)
  return found?.run(args as never, ctx)
}
const opsOf = async (desk: HermesDesk): Promise<Ops> => (await ask(desk, 'hermes.ops')) as Ops
let desk: HermesDesk
afterEach(() => desk.stop())
afterAll(() => {
  for (const folder of [root, homes]) rmSync(folder, { recursive: true, force: true })
})

describe('the desk of Hermes', () => {
  const fixed = { uid, hostRoot: root, now: () => new Date('2026-11-28T12:00:00.000Z') }

  it('looks once for many that ask, and later shows a newer snapshot without letting anybody wait', async () => {
    let looks = 0
    let held: (() => void) | null = null
    const look = async () => {
      looks += 1
      if (looks > 1) await new Promise<void>((resolve) => (held = resolve))
      return seen({}, { disk: { totalBytes: looks * 1_000, parts: [], cut: false } })
    }
    const instances = [seen().instance]
    desk = openHermesDesk({ ...fixed, instances, look, everyMs: 5 })
    const answers = await Promise.all([1, 2, 3].map(() => opsOf(desk)))
    expect(answers.map(({ instances: [one] }) => one?.disk?.totalBytes)).toEqual([1_000, 1_000, 1_000])
    await vi.waitFor(() => expect(held).not.toBeNull(), { timeout: 15_000 })
    // The second look hangs: what is known is told at once.
    expect((await opsOf(desk)).instances[0]).toMatchObject({
      health: 'healthy',
      disk: { totalBytes: 1_000 },
      growth: null,
    })
    ;(held as (() => void) | null)?.()
    await vi.waitFor(async () => expect((await opsOf(desk)).instances[0]?.growth).toMatchObject({ bytes: 1_000 }), { timeout: 15_000 })
    expect(looks).toBeLessThanOrEqual(3)
  }, 60_000)

  it('tells of a home that is there and of one that is not', async () => {
    const user = readInstances(undefined, { uid, user: 'root' })[0]
    const [there, gone] = [makeHome(join(homes, 'there')), join(homes, 'gone')]
    const instances = [there, gone].map((home, at) => ({
      ...seen().instance,
      ...user,
      id: `i${at}`,
      home,
      user: accountName(),
      backupRepo: null,
    }))
    desk = openHermesDesk({ ...fixed, instances })
    const ops = await opsOf(desk)
    expect(ops.instances).toMatchObject([
      { id: 'i0', health: 'unknown', reason: null, gateway: { status: 'up', state: 'running' }, backup: { status: 'none' } },
      { id: 'i1', health: 'unknown', reason: 'not_installed', gateway: { status: 'unknown' }, disk: null },
    ])
    expect(ops.warnings.map(({ id }) => id)).toContain('i0:dead')
    expect(await ask(desk, 'hermes.telemetry', { instance: 'i0' })).toMatchObject({ sessions: { status: 'up', total: 3 } })
    expect(await ask(desk, 'hermes.telemetry', { instance: 'i1' })).toMatchObject({
      reason: 'not_installed',
      skills: null,
    })
    await expect(ask(desk, 'hermes.telemetry', { instance: 'i2' })).rejects.toMatchObject({ code: 'HERMES_INSTANCE_NOT_FOUND' })
  }, 60_000)
})

function accountName(): string {
  return uid === 0 ? 'root' : (process.env.USER ?? 'nobody')
}
