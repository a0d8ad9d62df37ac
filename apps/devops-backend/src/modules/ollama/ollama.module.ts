import * as actions from '@console/contracts/ollama/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { deleteModel, listModels, type OllamaDeps, pullModel, unloadModel } from './ollama.ts'

export const bindOllama = (deps: OllamaDeps): BoundAction[] => [
  bind(actions.listModels, ({ ctx }) => listModels(deps, ctx)),
  bind(actions.pullModel, ({ ctx, body }) => pullModel(deps, ctx, body)),
  bind(actions.cancelPull, ({ ctx, params }) => deps.agent.cancelPull(params.pullId, deps.askAs(ctx))),
  bind(actions.unloadModel, ({ ctx, body }) => unloadModel(deps, ctx, body)),
  bind(actions.planModelDelete, ({ ctx, body }) => deps.agent.planModelDelete(body.name, deps.askAs(ctx))),
  bind(actions.deleteModel, ({ ctx, params, body }) => deleteModel(deps, ctx, { name: params.name, ...body })),
]
