import * as actions from '@console/contracts/code-quality/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { type CodeDeps, cancelCodeRun, getCodeRun, listCodeRunLines, listCodeRuns, runCodeChecks } from './code-quality.ts'

export const bindCodeQuality = (deps: CodeDeps): BoundAction[] => [
  bind(actions.runCodeChecks, ({ ctx, body }) => runCodeChecks(deps, ctx, body)),
  bind(actions.listCodeProjects, ({ ctx }) => deps.agent.listProjects(deps.askAs(ctx))),
  bind(actions.listCodeRuns, ({ query }) => listCodeRuns(deps, query)),
  bind(actions.getCodeRun, ({ params }) => getCodeRun(deps, params.id)),
  bind(actions.listCodeRunLines, ({ ctx, params, query }) => listCodeRunLines(deps, ctx, params.id, query)),
  bind(actions.cancelCodeRun, ({ ctx, params, body }) => cancelCodeRun(deps, ctx, params.id, body.reason)),
]
