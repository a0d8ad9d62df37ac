import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewRow } from '@console/audit-chain/log'
import { until } from '@console/testkit/daemon-harness'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import type { Handled } from '@console/verb-kit/handler'
import { openRunFolder } from '../../runs/run-record.ts'
import { openWaitingValues } from '../../runs/seal-values.ts'
import { chooseContainment } from '../../runs/start-child.ts'
import { knownScripts } from '../known-scripts.ts'
import type { VmScripts } from '../run-script.ts'
import { openVmCleanup, type VmCleanup } from './cleanup-verbs.ts'
import type { VmCleanupPlan } from './make-plan.ts'
import type { VmReceipt } from './make-receipt.ts'

const ours = join(import.meta.dirname, '../../../../../vm')

/** The verbs of a machine's cleanup in this process, over a tree of the test's own. */
export type VmDesk = {
  /** The folder of its plans and receipts. */
  readonly dir: string
  readonly rows: NewRow[]
  /** Milliseconds that the clock is ahead. */
  late: number
  /** Another script of ours from now on, as if it had come with the agent; null for the real ones. */
  use(text: string | null): void
  /** Other bytes in the script's place, which nobody knows. */
  tamper(): void
  plan(): Promise<{ plan: VmCleanupPlan; digest: string }>
  run(digest: string): Promise<VmReceipt>
  list(): Promise<readonly VmReceipt[]>
  /** Until the cleanup of this plan is over. */
  ended(digest: string): Promise<VmReceipt>
  /** The process that keeps the run of a plan. */
  wrapperOf(planId: string): number | null
  /** The agent ends; without anybody's asking, its runs go on. */
  stop(): Promise<void>
  start(): void
  close(): Promise<void>
}

export function openVmDesk(root: string): VmDesk {
  const base = mkdtempSync(join(tmpdir(), 'vm-desk-'))
  const dir = join(base, 'agent')
  mkdirSync(dir, { mode: 0o700 })
  loadOrCreateServiceKey({ dir, keysDir: join(base, 'keys'), name: 'host-agent' })
  const known = { ...knownScripts } as { -readonly [K in keyof typeof knownScripts]: string }
  let folder = ours
  let cleanup: VmCleanup | undefined
  const open = (): VmCleanup => {
    const scripts: VmScripts = { folder, known, dir, inUnit: false }
    return openVmCleanup({
      ...{ scripts, root, uid: process.getuid?.() ?? -1, containment: chooseContainment(-1), graceMs: 500, answerMs: 100 },
      values: openWaitingValues(join(dir, 'key.pem')),
      journal: {
        append: async (row) => {
          desk.rows.push(row)
          return row as never
        },
        read: async () => ({ rows: desk.rows as never[], next: undefined }) as never,
      },
      log: () => undefined,
      now: () => new Date(Date.now() + desk.late),
    })
  }
  const ask = async <T>(verb: string, args: object): Promise<T> => {
    const handled = cleanup?.handled.find((one) => one.verb.id === verb) as Handled
    const ctx = { caller: { kind: 'person', id: 'ada' }, requestId: 'r1', signal: new AbortController().signal, confirmed: null }
    return (await handled.run(args as never, ctx as never)) as T
  }
  const list = async () => (await ask<{ items: VmReceipt[] }>('vm.cleanup.list', {})).items
  const desk: VmDesk = {
    dir: join(dir, 'vm-cleanup'),
    rows: [],
    late: 0,
    use(text) {
      folder = text === null ? ours : join(base, 'scripts')
      known['vm-cleanup.sh'] = text === null ? knownScripts['vm-cleanup.sh'] : createHash('sha256').update(text).digest('hex')
      if (text !== null) {
        mkdirSync(folder, { recursive: true })
        writeFileSync(join(folder, 'vm-cleanup.sh'), text)
      }
      cleanup = open()
    },
    tamper: () => writeFileSync(join(folder, 'vm-cleanup.sh'), 'echo tampered'),
    plan: () => ask('vm.cleanup.plan', {}),
    run: async (digest) => (await ask<{ receipt: VmReceipt }>('vm.cleanup.run', { digest, reason: 'to make room' })).receipt,
    list,
    ended: (digest) =>
      until(
        'the end of the cleanup',
        async () => {
          const receipt = (await list()).find((one) => one.digest === digest)
          return receipt && receipt.state !== 'running' && receipt
        },
        45_000,
      ),
    wrapperOf: (planId) => openRunFolder(join(dir, 'vm-cleanup')).alive(planId)?.wrapper.pid ?? null,
    async stop() {
      await cleanup?.stop()
      cleanup = undefined
    },
    start() {
      cleanup = open()
    },
    async close() {
      await cleanup?.stop()
      rmSync(base, { recursive: true, force: true })
    },
  }
  cleanup = open()
  return desk
}
