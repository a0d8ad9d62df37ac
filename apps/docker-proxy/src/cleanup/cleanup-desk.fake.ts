import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import type { Handled } from '@console/verb-kit/handler'
import { type Model, startModel } from '../model.ts'
import { cleanupVerbs } from './cleanup-verbs.ts'
import type { CleanupPlan } from './make-plan.ts'
import type { Receipt } from './receipts.ts'

type RowSeen = {
  readonly action: string
  readonly outcome: string
  readonly code?: string
  readonly target: string
  readonly details?: Record<string, unknown>
}
/** The cleanup verbs in this process, between a test and an engine that records. */
export type CleanupDesk = {
  readonly dir: string
  readonly engine: RecordingEngine
  readonly rows: RowSeen[]
  /** Milliseconds that the clock is ahead. */
  late: number
  /** Why the journal cannot be written, or null. */
  journalFails: Error | null
  ask<T>(verb: string, args: object, by?: string): Promise<T>
  plan(args: object, by?: string): Promise<{ plan: CleanupPlan; digest: string }>
  /** Carries a plan out and waits for its end. */
  run(digest: string, by?: string): Promise<Receipt>
  receipt(digest: string): Promise<Receipt | undefined>
  /** What was sent to remove something. */
  removals(): string[]
  /** The daemon ends and starts again on the same folder. */
  restart(): void
  stop(): Promise<void>
}

export async function startCleanupDesk(answerMs = 20): Promise<CleanupDesk> {
  const dir = mkdtempSync(join(tmpdir(), 'cleanup-'))
  const engine = await startRecordingEngine({ socketPath: join(dir, 'engine.sock') })
  const model: Model = startModel({ socketPath: engine.socketPath, log: () => undefined })
  const open = (): readonly Handled[] =>
    cleanupVerbs({
      model,
      dir,
      answerMs,
      journal: {
        append: async (row) => {
          if (desk.journalFails) throw desk.journalFails
          desk.rows.push(row as RowSeen)
          return row as never
        },
      },
      log: () => undefined,
      now: () => Date.now() + desk.late,
    })
  let verbs: readonly Handled[] = []
  const desk: CleanupDesk = {
    dir,
    engine,
    rows: [],
    late: 0,
    journalFails: null,
    async ask<T>(id: string, args: object, by = 'user-1') {
      const { run } = verbs.find(({ verb }) => verb.id === id) as Handled
      return (await run(args as never, { caller: { kind: 'person', id: by }, requestId: 'r1' } as never)) as T
    },
    plan: (args, by) => desk.ask('cleanup.plan', args, by),
    async run(digest, by) {
      await desk.ask('cleanup.run', { digest }, by)
      return until(
        'the cleanup ends',
        async () => {
          const receipt = await desk.receipt(digest)
          return receipt?.state === 'running' ? null : receipt
        },
        60_000,
      )
    },
    receipt: async (digest) => (await desk.ask<{ items: Receipt[] }>('cleanup.list', {})).items.find((one) => one.digest === digest),
    removals: () => engine.requests.map(({ line }) => line.replace(/ HTTP.*/, '')).filter((line) => /^(DELETE|POST)/.test(line)),
    restart() {
      verbs = open()
    },
    async stop() {
      await model.stop()
      await engine.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  verbs = open()
  await until('the model is live', () => model.list().freshness === 'live', 60_000)
  return desk
}
