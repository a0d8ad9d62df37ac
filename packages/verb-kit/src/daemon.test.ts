import { chownSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { tellRow, toldFolder } from '@console/audit-chain/told-rows'
import { createHarness } from '@console/testkit/daemon-harness'
import { dockerProxySelf } from '@console/verbs/daemon'
import type { Verb } from '@console/verbs/verb'
import { expect, it, vi } from 'vitest'
import { startTestDaemon, touch } from './daemon.fake.ts'
import { type DaemonOptions, startDaemon } from './daemon.ts'
import { handle } from './handler.ts'

const options = (kit: ReturnType<typeof createHarness>, verb: Verb = touch): DaemonOptions => ({
  name: 'docker-proxy',
  socketPath: kit.socketPath,
  dir: join(kit.dataDir, 'docker-proxy'),
  keysDir: kit.keysDir,
  productId: kit.productId,
  version: '1',
  verbs: [...Object.values(dockerProxySelf), verb],
  self: dockerProxySelf,
  warnings: [],
  handlersWith: () => [handle(verb, async () => ({ ok: true }))],
  write: () => undefined,
  reserveBytes: 0,
})

it('a second one beside it writes nothing into the journal of the first, which is in the middle of something', async () => {
  const go = Promise.withResolvers<void>()
  const { kit, daemon, touched, rows, stop } = await startTestDaemon({ onTouch: () => go.promise })
  const asked = kit.ask('things.touch', { container: 'alpha' }, 'operator')
  await vi.waitFor(async () => expect((await rows()).map(({ outcome }) => outcome)).toEqual(['started']), 15_000)
  await expect(startDaemon(options(kit))).rejects.toThrow('served by another process already')
  go.resolve()
  expect((await asked).status).toBe(200)
  expect(touched).toEqual(['alpha'])
  expect((await rows()).map(({ outcome }) => outcome)).toEqual(['started', 'done'])
  expect(await daemon.journal.verify()).toMatchObject({ ok: true, problems: [] })
  await stop()
}, 60_000)

it('has on record what it was told while it was away, before it answers anybody', async () => {
  const kit = createHarness('docker-proxy')
  const told = { action: 'console.restore.run', requestId: 'host-1', target: 'one.backup', outcome: 'done' } as const
  tellRow(join(kit.dataDir, 'docker-proxy', toldFolder), { ...told, actor: { kind: 'service', id: 'deploy.sh' } })
  const daemon = await startDaemon(options(kit))
  expect((await daemon.journal.read()).rows).toMatchObject([{ ...told, seq: 1, details: { told: true } }])
  await daemon.stop()
  kit.remove()
})

it.runIf(process.getuid?.() === 0)(
  'begins in production as root where the folder of keys is that of another account, and not where a third one wrote there',
  async () => {
    const kit = createHarness('docker-proxy')
    const [owner, third] = [54_321, 54_322]
    for (const name of ['', ...readdirSync(kit.keysDir)]) chownSync(join(kit.keysDir, name), owner, owner)
    const begin = () => startDaemon({ ...options(kit), production: true })
    await (await begin()).stop()
    chownSync(join(kit.keysDir, 'platform-service.jwks'), third, third)
    await expect(begin()).rejects.toThrow(/platform-service\.jwks is not believed: the folder belongs to another account/)
    kit.remove()
  },
)

it('does not begin with a verb that declares no role, and has made nothing until then', async () => {
  const kit = createHarness('docker-proxy')
  const bare = { ...touch, role: undefined } as unknown as Verb
  await expect(startDaemon(options(kit, bare))).rejects.toThrow('The verb things.touch declares no role')
  expect([existsSync(join(kit.dataDir, 'docker-proxy')), existsSync(kit.socketPath)]).toEqual([false, false])
  const daemon = await startDaemon(options(kit))
  await daemon.stop()
  kit.remove()
}, 60_000)

it('does not begin with a verb that nobody carries out, or that has no row', async () => {
  const kit = createHarness('docker-proxy')
  await expect(startDaemon({ ...options(kit), handlersWith: () => [] })).rejects.toThrow('verbs without a handler: [things.touch]')
  await expect(startDaemon({ ...options(kit), verbs: Object.values(dockerProxySelf) })).rejects.toThrow(
    'handlers without a row, or twice: [things.touch]',
  )
  kit.remove()
}, 60_000)
