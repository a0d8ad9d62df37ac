import * as verbs from '@console/verbs/ollama'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { Digest, Id, Reason } from '../shapes.ts'
import { ModelDeletePlan, ModelList, ModelName, ModelPull } from './schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const away = ['HOST_AGENT_AWAY', 'OLLAMA_AWAY', 'OLLAMA_ERROR'] as const
const named = { name: ModelName, reason: Reason.optional() }
const onePull = z.strictObject({ pull: ModelPull })

export const listModels = defineAction({
  ...at,
  id: 'vm.model.list',
  method: 'GET',
  path: '/vm/ollama/models',
  verb: verbs.listModels,
  summary: 'List the models of Ollama, which of them are loaded, and pulls.',
  success: { status: 200, body: ModelList },
  errors: ['HOST_AGENT_AWAY'],
})

export const pullModel = defineAction({
  ...at,
  id: 'vm.model.pull',
  method: 'POST',
  path: '/vm/ollama/models/pull',
  verb: verbs.pullModel,
  summary: 'Pull a model; it goes on whoever watches.',
  body: z.strictObject(named),
  success: { status: 202, body: onePull },
  errors: [...away, 'OLLAMA_PULL_BUSY', 'OLLAMA_REGISTRY_REFUSED'],
  audit: { target: { body: 'name' }, fields: { name: 'keep', reason: 'keep' } },
})

export const cancelPull = defineAction({
  ...at,
  id: 'vm.modelPull.cancel',
  method: 'POST',
  path: '/vm/ollama/models/pull/:pullId/cancel',
  verb: verbs.cancelPull,
  summary: 'Cancel a pull.',
  params: z.strictObject({ pullId: Id }),
  success: { status: 200, body: onePull },
  errors: ['HOST_AGENT_AWAY', 'OLLAMA_PULL_NOT_FOUND', 'OLLAMA_PULL_ENDED'],
  audit: { target: { param: 'pullId' }, fields: {} },
  confirm: 'What was fetched so far is kept by Ollama for the next try.',
})

export const unloadModel = defineAction({
  ...at,
  id: 'vm.model.unload',
  method: 'POST',
  path: '/vm/ollama/models/unload',
  verb: verbs.unloadModel,
  summary: 'Take a model out of memory.',
  body: z.strictObject(named),
  success: { status: 200, body: z.strictObject({ name: ModelName, left: z.boolean() }) },
  errors: [...away, 'OLLAMA_MODEL_NOT_FOUND', 'OLLAMA_MODEL_NOT_LOADED'],
  audit: { target: { body: 'name' }, fields: { name: 'keep', reason: 'keep' } },
})

export const planModelDelete = defineAction({
  ...at,
  id: 'vm.modelDelete.plan',
  method: 'POST',
  path: '/vm/ollama/models/plan',
  verb: verbs.planDelete,
  summary: 'Say which model a deletion would remove, and what it frees.',
  body: z.strictObject({ name: ModelName }),
  success: { status: 200, body: z.strictObject({ plan: ModelDeletePlan, digest: Digest }) },
  errors: [...away, 'OLLAMA_MODEL_NOT_FOUND'],
})

export const deleteModel = defineAction({
  ...at,
  id: 'vm.model.delete',
  method: 'DELETE',
  path: '/vm/ollama/models/:name',
  verb: verbs.deleteModel,
  summary: 'Delete exactly the model of a plan, after another look at it.',
  params: z.strictObject({ name: ModelName }),
  body: z.strictObject({ digest: Digest, reason: Reason.optional() }),
  success: { status: 200, body: z.strictObject({ name: ModelName, modelDigest: Digest, freesBytes: z.int().min(0) }) },
  errors: [
    ...away,
    'OLLAMA_MODEL_NOT_FOUND',
    'OLLAMA_MODEL_CHANGED',
    'OLLAMA_MODEL_LOADED',
    'OLLAMA_PULL_BUSY',
    'PLAN_NOT_FOUND',
    'PLAN_EXPIRED',
    'PLAN_USED',
  ],
  audit: {
    target: { param: 'name' },
    fields: { digest: 'keep', reason: 'keep' },
    facts: ['modelDigest', 'freesBytes'],
  },
  confirm: 'The model leaves the disk. It can be pulled again for as long as its registry has it.',
})
