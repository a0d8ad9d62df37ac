import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { canonical, directPlan } from '@console/verbs/canonical'
import { homesFolder, makeHome } from './made-home.ts'
import { good } from './people.ts'
import { startParts } from './running-parts.ts'

export type SignalRig = Awaited<ReturnType<typeof startSignalRig>>
type Told = { readonly instance: string; readonly series: readonly { readonly figures: { readonly total: number } }[] }

/** The real programs that take signals, with some agents whose homes they know. */
export async function startSignalRig(...instances: readonly string[]) {
  const base = homesFolder()
  const file = join(base, 'instances.json')
  const unit = 'console-none.service'
  const listed = instances.map((id) => ({ id, user: userInfo().username, home: makeHome(join(base, id)), unit }))
  writeFileSync(file, JSON.stringify(listed), { mode: 0o600 })
  const parts = await startParts({
    parts: ['platform-service', 'host-agent', 'devops-backend'],
    env: { 'host-agent': { HERMES_INSTANCES: file } },
  })
  const { platform, devops } = await parts.setUp()
  return {
    folder: join(parts.folder, 'devops/series/signals'),
    /** The secret of a new key. */
    async keyOf(instance: string, way: 'otlp' | 'webhook'): Promise<string> {
      const wish = { instance, way, name: way }
      const digest = createHash('sha256')
        .update(canonical(directPlan('hermes.key.create', 'local', wish)))
        .digest('hex')
      const { grant } = good(await platform.post('/auth/grants', { verb: 'hermes.key.create', digest }), 201).body
      return String(good(await devops.post('/hermes/keys', wish, { 'x-grant': String(grant) }), 201).body.secret)
    },
    urlOf: (instance: string, path: string) => `http://127.0.0.1:${parts.backendPort}/api/devops/hermes/ingest/${instance}/${path}`,
    /** How many signals of an agent are told of. */
    async counted(instance: string): Promise<number> {
      const { items } = good(await devops.get('/hermes/signals'), 200).body as unknown as { items: Told[] }
      const series = items.find((one) => one.instance === instance)?.series ?? []
      return series.reduce((sum, { figures }) => sum + figures.total, 0)
    },
    /** The process of devops-backend. */
    pid: () => parts.running.get('devops-backend')?.child.pid ?? 0,
    kill: () => void parts.running.get('devops-backend')?.child.kill('SIGKILL'),
    startAgain: () => parts.start('devops-backend'),
    async stop(): Promise<void> {
      await parts.stop()
      rmSync(base, { recursive: true, force: true })
    },
  }
}
