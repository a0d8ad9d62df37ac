import { setTimeout as pause } from 'node:timers/promises'
import type { RunningDaemon } from '@console/verb-kit/daemon'
import { type Handled, handle, type VerbContext } from '@console/verb-kit/handler'
import { openPlanShelf } from '@console/verb-kit/plan-shelf'
import { DaemonError } from '@console/verb-kit/problem'
import * as rows from '@console/verbs/cleanup'
import { measureDisk } from '@console/verbs/disk'
import type { ArgsOf } from '@console/verbs/verb'
import { nonsense } from '../engine.ts'
import type { Model } from '../model.ts'
import { listedContainer } from '../projection.ts'
import { readVersion } from '../read-engine.ts'
import { type Carrying, carryOut } from './carry-out.ts'
import { imageId } from './disk-objects.ts'
import { judgeObjects } from './judge-objects.ts'
import { type CleanupPlan, choiceOf, digestOf, inputInvalid, makePlan } from './make-plan.ts'
import { createDiskMeter } from './measure-disk.ts'
import { openProtectedImages, type ProtectedImages } from './protected-images.ts'
import { openReceipts, type Receipts } from './receipts.ts'
import { sumDisk } from './sum-disk.ts'

type Options = {
  readonly model: Pick<Model, 'engine' | 'prefix' | 'info' | 'list'>
  /** The daemon's own folder. */
  readonly dir: string
  readonly journal: Pick<RunningDaemon['journal'], 'append'>
  readonly log: (level: 'warn' | 'error', msg: string, more?: object) => void
  readonly now?: () => number
  readonly monotonic?: () => number
  /** How long an answer waits for the end of a run, which goes on whoever waits. */
  readonly answerMs?: number
}
type Desk = Carrying & {
  readonly model: Options['model']
  readonly images: ProtectedImages
  readonly receipts: Receipts
  readonly plans: ReturnType<typeof openPlanShelf<CleanupPlan>>
  readonly log: Options['log']
  readonly answerMs: number
  busy: boolean
}

const receiptsByDefault = 20

/** What takes space, the plan of what goes, and its carrying out. */
export function cleanupVerbs({
  model,
  dir,
  journal,
  log,
  now = Date.now,
  monotonic = () => performance.now(),
  answerMs = 10_000,
}: Options): Handled[] {
  const images = openProtectedImages(dir)
  const receipts = openReceipts(dir, { log: (msg, error) => log('error', msg, { error: String(error) }), now: () => new Date(now()) })
  const desk: Desk = {
    model,
    journal,
    log,
    now,
    monotonic,
    answerMs,
    images,
    receipts,
    meter: createDiskMeter(model, monotonic),
    protectedImages: images.all,
    plans: openPlanShelf<CleanupPlan>(dir, digestOf),
    busy: false,
  }
  void recordInterrupted(desk)
  return [
    handle(measureDisk, ({ again }) => usage(desk, again)),
    handle(rows.planCleanup, (wish, { caller }) => plan(desk, wish, caller.id)),
    handle(rows.runCleanup, (args, ctx) => run(desk, args, ctx), { essential: true, targetOf: ({ digest }) => digest }),
    handle(rows.listCleanups, async ({ limit = receiptsByDefault }) => ({ items: receipts.list(limit) })),
    handle(rows.protectImages, (args, ctx) => protect(desk, args, ctx), { targetOf: ({ serviceId }) => serviceId }),
  ]
}

async function usage({ meter, images, now }: Desk, again?: boolean): Promise<object> {
  const { objects, measuredAt, measuring, trouble } = await meter.last(again)
  const judged = judgeObjects(objects, { protectedImages: images.all(), now: now() })
  return { measuredAt, measuring, trouble: trouble && { code: trouble.code, message: trouble.message }, ...sumDisk(objects, judged) }
}

async function plan({ model, meter, images, plans, now }: Desk, wish: ArgsOf<typeof rows.planCleanup>, by: string): Promise<object> {
  const choice = choiceOf(wish)
  const at = new Date(now())
  const engine = model.info()
  const { objects } = await meter.now()
  // When each container ended stands in the live model alone.
  const ended = new Map(model.list().items.map(({ id, finishedAt }) => [id, finishedAt]))
  const judged = judgeObjects(objects, { protectedImages: images.all(), now: now() }).map((one) =>
    one.kind === 'containers' ? { ...one, since: ended.get(one.id) ?? null } : one,
  )
  const made = makePlan({ judged, objects, choice, by, engine, at })
  plans.keep(made.digest, made.plan)
  return made
}

/** Admission is one turn, so that of two who ask at once only one goes on. */
async function run(desk: Desk, { digest, reason = null }: { digest: string; reason?: string | null }, ctx: VerbContext): Promise<object> {
  const { plans, receipts, model, log } = desk
  const refused = (code: string, message: string): DaemonError => new DaemonError(code, 409, message, { untouched: true })
  const known = plans.find(digest)
  if (!known) throw refused('PLAN_NOT_FOUND', 'This plan is not known here. Plan the cleanup again.')
  if (known.used) throw refused('PLAN_USED', 'This plan was carried out already. Its receipt says what came of it.')
  if (new Date(desk.now()).toISOString() > known.plan.expiresAt)
    throw refused('PLAN_EXPIRED', 'This plan is older than 15 minutes. Plan the cleanup again.')
  if (desk.busy) throw refused('CLEANUP_BUSY', 'A cleanup is under way. Wait for its receipt, then plan again.')
  desk.busy = true
  try {
    // Without an engine nothing would be reached, and the plan stays good.
    await readVersion(model.engine)
    model.prefix()
    plans.use(digest)
  } catch (error) {
    desk.busy = false
    throw error
  }
  const order = { plan: known.plan, digest, by: ctx.caller.id, requestId: ctx.requestId }
  const running = carryOut({ ...order, receipt: receipts.begin({ ...order, reason }) }, desk)
    .catch((error: unknown) => log('error', 'the end of a cleanup could not be recorded', { error: String(error) }))
    .finally(() => {
      desk.busy = false
      void desk.meter.now().catch(() => undefined)
    })
  await Promise.race([running, pause(desk.answerMs, undefined, { ref: false })])
  return { receipt: receipts.find(digest) }
}

/** What a service runs after a good deploy. Only what runs at this moment counts, so that nobody can push a good set out with invented ones. */
async function protect(desk: Desk, { serviceId, images: wanted }: ArgsOf<typeof rows.protectImages>, ctx: VerbContext): Promise<object> {
  const { model, images, journal } = desk
  if (wanted.length === 0) throw inputInvalid('images', 'required', 'images must name at least one image.')
  wanted.forEach((image, at) => {
    if (!imageId.test(image)) throw inputInvalid(`images.${at}`, 'pattern', `images.${at} must be a full image id.`)
  })
  const path = `${model.prefix()}/containers/json?all=1`
  const { body } = await model.engine.json({ method: 'GET', path, mostBytes: 16 * 1_024 * 1_024, timeoutMs: 10_000 })
  if (!Array.isArray(body)) throw nonsense('the list of containers is no list')
  const running = new Set(body.flatMap((value) => runningImage(listedContainer(value))))
  wanted.forEach((image, at) => {
    if (!running.has(image)) throw inputInvalid(`images.${at}`, 'running', `images.${at} is the image of no container that runs now.`)
  })
  const row = { action: 'images.protect', actor: { kind: ctx.caller.kind, id: ctx.caller.id }, requestId: ctx.requestId, target: serviceId }
  const details = { images: wanted }
  const { seq } = await journal.append({ ...row, outcome: 'started', details })
  try {
    images.protect(serviceId, wanted)
  } catch (error) {
    await journal.append({ ...row, of: seq, outcome: 'failed', code: 'DISK_UNAVAILABLE', details }).catch(() => undefined)
    throw error
  }
  await journal
    .append({ ...row, of: seq, outcome: 'done', details })
    .catch((error: unknown) => desk.log('error', 'an outcome could not be recorded', { action: row.action, error: String(error) }))
  return { protected: [...images.all()].filter(([, services]) => services.includes(serviceId)).map(([image]) => image) }
}

const runningImage = (container: ReturnType<typeof listedContainer>): string[] =>
  container?.state === 'running' ? [container.imageId] : []

/** A run that this daemon's end cut off is told where its intent stands. */
async function recordInterrupted({ receipts, journal, log }: Desk): Promise<void> {
  for (const { digest, planId, by, requestId, planned, reached } of receipts.interrupted)
    await journal
      .append({
        action: 'cleanup.run.end',
        actor: { kind: 'person', id: by },
        requestId,
        target: planId,
        risk: 'destroy',
        outcome: 'failed',
        code: 'CLEANUP_INTERRUPTED',
        details: { digest, planned, reached },
      })
      .catch((error: unknown) => log('error', 'an interrupted cleanup could not be recorded', { error: String(error) }))
}
