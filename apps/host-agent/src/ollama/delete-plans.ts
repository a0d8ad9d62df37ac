import { createHash, randomUUID } from 'node:crypto'
import { openPlanShelf } from '@console/verb-kit/plan-shelf'
import { DaemonError } from '@console/verb-kit/problem'
import { canonical, type Plain } from '@console/verbs/canonical'
import type { Ollama } from './ask-ollama.ts'
import { findModel, type Model, readLoaded } from './read-models.ts'

/** What a deletion removes. Its digest is what a person confirms. */
type DeletePlan = {
  v: 1
  verb: 'ollama.delete'
  hostId: 'local'
  planId: string
  createdAt: string
  expiresAt: string
  plannedBy: string
  name: string
  modelDigest: string
  sizeBytes: number
  /** At most: layers that another model shares stay. Nothing where another name has the same digest. */
  freesBytes: number
  sharedWith: string[]
}
type Deps = { readonly ollama: Ollama; readonly now: () => Date }

const planLifeMs = 15 * 60_000

export function openDeletePlans(dir: string, { ollama, now }: Deps) {
  const plans = openPlanShelf<DeletePlan>(dir, digestOf)
  const refused = (code: string, message: string): DaemonError => new DaemonError(code, 409, message, { untouched: true })
  return {
    async plan(name: string, by: string): Promise<{ plan: DeletePlan; digest: string }> {
      const at = now()
      const { model, all } = await findModel(ollama, name)
      const sharedWith = all.filter((one) => one.digest === model.digest && one.name !== name).map((one) => one.name)
      const plan: DeletePlan = {
        v: 1,
        verb: 'ollama.delete',
        hostId: 'local',
        planId: randomUUID(),
        createdAt: at.toISOString(),
        expiresAt: new Date(at.getTime() + planLifeMs).toISOString(),
        plannedBy: by,
        name,
        modelDigest: model.digest,
        sizeBytes: model.sizeBytes,
        freesBytes: sharedWith.length > 0 ? 0 : model.sizeBytes,
        sharedWith,
      }
      const digest = digestOf(plan)
      plans.keep(digest, plan)
      return { plan, digest }
    },
    /** Removes exactly what was confirmed, after another look at it. */
    async carryOut(name: string, digest: string): Promise<DeletePlan> {
      const known = plans.find(digest)
      if (!known || known.plan.name !== name) throw refused('PLAN_NOT_FOUND', 'This plan is not known here. Look at the model again.')
      if (known.used) throw refused('PLAN_USED', 'This plan was carried out already.')
      const { plan } = known
      if (now().toISOString() > plan.expiresAt)
        throw refused('PLAN_EXPIRED', 'This plan is older than 15 minutes. Look at the model again.')
      const { model } = await findModel(ollama, name)
      if (model.digest !== plan.modelDigest)
        throw refused('OLLAMA_MODEL_CHANGED', `${name} is another model now than the one that was shown. Look at it again.`)
      await assertNotLoaded(ollama, model, now().getTime())
      plans.use(digest)
      const { status } = await ollama.json({ method: 'DELETE', path: '/api/delete', body: { model: name } })
      if (status === 404) throw new DaemonError('OLLAMA_MODEL_NOT_FOUND', 404, `${name} was gone already.`)
      if (status !== 200) throw new DaemonError('OLLAMA_ERROR', 502, `Ollama refused to delete the model: status ${status}.`)
      await assertGone(ollama, name)
      return plan
    },
  }
}

async function assertNotLoaded(ollama: Ollama, { name }: Model, now: number): Promise<void> {
  const { items } = await readLoaded(ollama, now)
  if (items.some((one) => one.name === name))
    throw new DaemonError('OLLAMA_MODEL_LOADED', 409, `${name} is in memory. Unload it first.`, { untouched: true })
}

/** What it answers is not what counts. */
async function assertGone(ollama: Ollama, name: string): Promise<void> {
  const still = await findModel(ollama, name).catch((error: unknown) => {
    if (error instanceof DaemonError && error.code === 'OLLAMA_MODEL_NOT_FOUND') return null
    throw error
  })
  if (still) throw new DaemonError('OLLAMA_ERROR', 502, `Ollama says that it deleted ${name}, and lists it all the same.`)
}

function digestOf(plan: DeletePlan): string {
  return createHash('sha256')
    .update(canonical(plan as unknown as Plain))
    .digest('hex')
}
