import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { AuditLog, NewRow } from '@console/audit-chain/log'
import { writeDurably } from '@console/audit-chain/write-durably'
import { type Handled, handle, type VerbContext } from '@console/verb-kit/handler'
import { openPlanShelf } from '@console/verb-kit/plan-shelf'
import { DaemonError } from '@console/verb-kit/problem'
import * as rows from '@console/verbs/vm'
import { openRunFolder, type RunRecord } from '../../runs/run-record.ts'
import { type RunFact, recordRuns } from '../../runs/run-rows.ts'
import type { WaitingValues } from '../../runs/seal-values.ts'
import type { Containment } from '../../runs/start-child.ts'
import { startSupervisor } from '../../runs/supervisor.ts'
import { knownBytes, runVmScript, type VmScripts } from '../run-script.ts'
import { type BegunFiles, openBegunFiles } from './begun-files.ts'
import { digestOf, makePlan, parseFound, type VmCleanupPlan } from './make-plan.ts'
import { makeReceipt, type VmReceipt } from './make-receipt.ts'

type Options = {
  readonly scripts: VmScripts
  /** Below which the files of the host lie. */
  readonly root: string
  readonly uid: number
  readonly containment: Containment
  readonly values: WaitingValues
  readonly journal: Pick<AuditLog, 'append' | 'read'>
  readonly log: (level: 'info' | 'warn' | 'error', msg: string, more?: object) => void
  readonly now: () => Date
  readonly graceMs: number
  /** How long an answer waits for the end of a run, which goes on whoever waits. */
  readonly answerMs?: number
}
export type VmCleanup = { readonly handled: readonly Handled[]; stop(): Promise<void> }

const name = 'vm-cleanup.sh'
const serviceId = 'vm-cleanup'
const planMs = 80_000
const runSec = 1_800
const answerBytes = 2_097_152
const receiptsByDefault = 20
const mostLines = 10_000
const lookMs = 50

/**
 * Cleanups of the machine: a plan by the script, and a run of exactly that plan by the same bytes. A run is held as those of deployments are:
 * it goes on when the agent ends, and the next one takes it up again.
 */
export function openVmCleanup(options: Options): VmCleanup {
  const { scripts, root, uid, containment, values, journal, log, now, graceMs, answerMs = 10_000 } = options
  const dir = join(scripts.dir, 'vm-cleanup')
  const begun = openBegunFiles(dir)
  const plans = openPlanShelf<VmCleanupPlan>(dir, digestOf)
  const files = openRunFolder(dir)
  const below = root === '/' ? [] : ['--root', root]
  const recorded = recordRuns({
    journal,
    folderOf: files.folderOf,
    known: files.load(),
    log,
    subject: rows.runVmCleanup.id,
    saysOf: (fact) => saysOf(fact, begun, receiptBy),
  })
  const admit = (planId: string) => admitted({ planId, begun, scripts, dir, below, now })
  const supervisor = startSupervisor({
    ...{ dir, scripts: { admit }, containment, values, uid, graceMs, now, log },
    begun: recorded.begun,
    ended: recorded.ended,
  })
  const ended = new Map<string, VmReceipt>()
  const runOf = (planId: string) => supervisor.list({}).find(({ runId }) => runId === planId) ?? null

  /** What came of a plan so far; of one that has ended it is read once. */
  const receiptOf = (planId: string): VmReceipt | null => {
    const known = ended.get(planId)
    if (known) return known
    const receipt = receiptBy(planId, runOf(planId))
    if (receipt && receipt.state !== 'running') ended.set(planId, receipt)
    return receipt
  }
  function receiptBy(planId: string, run: RunState): VmReceipt | null {
    const found = begun.find(planId)
    return found && makeReceipt(found, run, files.lines(planId, mostLines))
  }

  const plan = async (by: string): Promise<object> => {
    const at = now()
    const order = { name, args: ['--plan', '--json', ...below], timeoutMs: planMs, mostBytes: answerBytes, statuses: [0] } as const
    const { text, sha256 } = await runVmScript(scripts, order)
    const made = makePlan(parseFound(text), { by, sha256, at })
    plans.keep(made.digest, made.plan)
    return made
  }

  /** Admission is one turn, so that of two who ask at once only one goes on. */
  const run = async (digest: string, reason: string | null, ctx: VerbContext): Promise<object> => {
    const refused = (code: string, message: string): DaemonError => new DaemonError(code, 409, message, { untouched: true })
    const known = plans.find(digest)
    if (!known) throw refused('PLAN_NOT_FOUND', 'This plan is not known here. Plan the cleanup again.')
    const { planId, script } = known.plan
    if (known.used || begun.find(planId)) throw refused('PLAN_USED', 'This plan was carried out already. Its receipt says what came of it.')
    if (now().toISOString() > known.plan.expiresAt)
      throw refused('PLAN_EXPIRED', 'This plan is older than 15 minutes. Plan the cleanup again.')
    if (supervisor.list({ state: 'open' }).length > 0)
      throw refused('CLEANUP_BUSY', 'A cleanup is under way. Wait for its receipt, then plan again.')
    if (knownBytes(scripts, name).sha256 !== script.sha256)
      throw refused('VM_SCRIPT_CHANGED', 'The script is another one than the one that planned. Plan the cleanup again.')
    // The plan stays good where that cannot be written down.
    begun.add({ plan: known.plan, digest, by: ctx.caller.id, reason, requestId: ctx.requestId, startedAt: now().toISOString() })
    try {
      supervisor.start(
        { runId: planId, scriptId: planId, serviceId, reason: reason ?? '', onBusy: 'refuse', variables: {}, secretNames: [] },
        { kind: ctx.caller.kind, id: ctx.caller.id },
      )
    } catch (error) {
      begun.remove(planId)
      throw error
    }
    plans.use(digest)
    const until = performance.now() + answerMs
    while (receiptOf(planId)?.state === 'running' && performance.now() < until) await pause(lookMs)
    return { receipt: receiptOf(planId) }
  }

  return {
    handled: [
      handle(rows.planVmCleanup, (_, { caller }) => plan(caller.id)),
      handle(rows.runVmCleanup, ({ digest, reason = null }, ctx) => run(digest, reason, ctx), {
        essential: true,
        targetOf: ({ digest }) => digest,
      }),
      handle(rows.listVmCleanups, async ({ limit = receiptsByDefault }) => {
        const newest = begun.all().slice(-limit).reverse()
        return { items: newest.map((one) => receiptOf(one.plan.planId)) }
      }),
    ],
    async stop() {
      supervisor.stop()
      await recorded.stop()
    },
  }
}

type RunState = Pick<RunRecord, 'state' | 'code' | 'endedAt' | 'exitCode'> | null

/** The agent's own copy of the script that planned, with the agent's own copy of the plan as its only argument. */
function admitted({
  planId,
  begun,
  scripts,
  dir,
  below,
  now,
}: {
  readonly planId: string
  readonly begun: BegunFiles
  readonly scripts: VmScripts
  readonly dir: string
  readonly below: readonly string[]
  readonly now: () => Date
}) {
  const { bytes, sha256 } = knownBytes(scripts, name)
  const found = begun.find(planId)
  if (!found || !existsSync(begun.linesFile(planId)) || found.plan.script.sha256 !== sha256)
    throw new DaemonError('VM_SCRIPT_CHANGED', 409, 'The script is another one than the one that planned. Plan the cleanup again.')
  const copyPath = join(dir, `${sha256}.sh`)
  writeDurably(copyPath, bytes, 0o400)
  const approval = {
    v: 1 as const,
    scriptId: planId,
    path: join(scripts.folder, name),
    sha256,
    user: userInfo().username,
    workingDirectory: '/',
    timeoutSec: runSec,
    variables: [],
    approvedBy: found.by,
    approvedAt: now().toISOString(),
  }
  return { approval, copyPath, args: ['--run', begun.linesFile(planId), ...below] }
}

/** Rows name whoever confirmed, and say at the end what came of the plan. */
function saysOf(
  { what, run }: RunFact,
  begun: BegunFiles,
  receiptBy: (planId: string, run: RunState) => VmReceipt | null,
): Omit<NewRow, 'action' | 'target'> {
  const found = begun.find(run.runId)
  const base = {
    actor: { kind: 'person', id: found?.by ?? run.actor.id },
    requestId: found?.requestId ?? run.runId,
    risk: 'destroy',
  } as const
  const digest = found?.digest ?? null
  if (what === 'begin') return { ...base, outcome: 'done', details: { digest, scriptSha256: run.scriptSha256, unit: run.unit } }
  const receipt = receiptBy(run.runId, run)
  if (!receipt) return { ...base, outcome: 'failed', code: 'CLEANUP_INTERRUPTED', details: { digest } }
  const { state, planned, reached, plannedBy, kinds, exceptionCount } = receipt
  const removed = kinds.reduce((sum, one) => sum + one.removed, 0)
  const freedBytes = kinds.reduce((sum, one) => sum + one.freedBytes, 0)
  const details = { digest, plannedBy, planned, reached, removed, freedBytes, exceptions: exceptionCount }
  if (state === 'done') return { ...base, outcome: 'done', details }
  return { ...base, outcome: 'failed', code: receipt.code ?? 'CLEANUP_INTERRUPTED', details }
}
