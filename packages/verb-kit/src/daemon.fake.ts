import { createHarness, type Harness } from '@console/testkit/daemon-harness'
import { dockerProxySelf } from '@console/verbs/daemon'
import { defineVerb } from '@console/verbs/verb'
import { type RunningDaemon, startDaemon } from './daemon.ts'
import { handle, type VerbContext } from './handler.ts'
import { type DaemonLimits, defaultDaemonLimits } from './limits.ts'

/** A verb that leaves a mark, one that streams, and nothing else: a daemon to try the kit on. */
export const touch = defineVerb({
  id: 'things.touch',
  daemon: 'docker-proxy',
  risk: 'change',
  role: 'operator',
  service: false,
  args: { container: { is: 'ref' } },
  limits: [{ per: 'container', max: 3, windowMs: 300_000 }],
  runs: 'none',
})
export const watch = defineVerb({
  id: 'things.watch',
  daemon: 'docker-proxy',
  risk: 'read',
  role: 'viewer',
  service: true,
  stream: true,
  args: {},
  limits: [],
  runs: 'none',
})

export const remove = defineVerb({
  id: 'things.remove',
  daemon: 'docker-proxy',
  risk: 'destroy',
  role: 'admin',
  service: false,
  args: { digest: { is: 'digest' } },
  limits: [],
  runs: 'none',
})

export type TestDaemon = {
  readonly kit: Harness
  readonly daemon: RunningDaemon
  /** What `things.touch` was asked to do and did. */
  readonly touched: string[]
  /** The plans that `things.remove` carried out. */
  readonly removed: string[]
  /** Every line that the daemon logged. */
  readonly logged: string[]
  rows(): Promise<readonly { action: string; outcome: string; code?: string; count?: number; actor: { id: string } }[]>
  stop(): Promise<void>
}

export async function startTestDaemon({
  limits = {},
  onTouch = async () => undefined,
  onWatch = async () => noLines(),
}: {
  readonly limits?: Partial<DaemonLimits>
  readonly onTouch?: (container: string) => Promise<void>
  readonly onWatch?: (ctx: VerbContext) => Promise<AsyncIterable<object>> | AsyncIterable<object>
} = {}): Promise<TestDaemon> {
  const kit = createHarness('docker-proxy')
  const touched: string[] = []
  const removed: string[] = []
  const logged: string[] = []
  const daemon = await startDaemon({
    name: 'docker-proxy',
    socketPath: kit.socketPath,
    dir: `${kit.dataDir}/docker-proxy`,
    keysDir: kit.keysDir,
    productId: kit.productId,
    version: '1',
    verbs: [...Object.values(dockerProxySelf), touch, watch, remove],
    self: dockerProxySelf,
    warnings: [],
    handlersWith: () => [
      handle(touch, async ({ container }) => {
        await onTouch(container)
        touched.push(container)
        return { ok: true }
      }),
      handle(remove, async ({ digest }) => {
        removed.push(digest)
        return { ok: true }
      }),
      handle(watch, ((_: object, ctx: VerbContext) => onWatch(ctx)) as never),
    ],
    write: (line) => void logged.push(line),
    limits: { ...defaultDaemonLimits, ...limits },
    reserveBytes: 0,
  })
  return {
    kit,
    daemon,
    touched,
    removed,
    logged,
    rows: async () => (await daemon.journal.read({ order: 'asc', limit: 1_000 })).rows,
    async stop() {
      await daemon.stop()
      kit.remove()
    },
  }
}

async function* noLines(): AsyncIterable<object> {}
