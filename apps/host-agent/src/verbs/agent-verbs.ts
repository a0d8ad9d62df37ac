import { type Handled, handle } from '@console/verb-kit/handler'
import * as codeRows from '@console/verbs/code'
import { probeHealth } from '@console/verbs/health'
import * as runRows from '@console/verbs/runs'
import * as scriptRows from '@console/verbs/scripts'
import { measureSystem } from '@console/verbs/system'
import type { CheckDesk } from '../code/check-desk.ts'
import type { Config } from '../config.ts'
import type { HermesDesk } from '../hermes/hermes-desk.ts'
import type { HostSampler } from '../metrics/sample-host.ts'
import type { OllamaDesk } from '../ollama/ollama-verbs.ts'
import { probe } from '../probe-health.ts'
import type { Supervisor } from '../runs/supervisor.ts'
import { scheduleVerbs } from '../schedules/schedule-verbs.ts'
import type { ScriptBook } from '../scripts/script-book.ts'
import type { VmCleanup } from '../vm/cleanup/cleanup-verbs.ts'
import type { VmScripts } from '../vm/run-script.ts'
import { vmVerbs } from '../vm/vm-verbs.ts'

const linesByDefault = 2_000

/** The verbs of host-agent, each bound to what carries it out. */
export function agentVerbs({
  scripts,
  supervisor,
  config,
  sampler,
  vm,
  ollama,
  vmCleanup,
  log,
  hermes,
  checks,
}: {
  readonly scripts: ScriptBook
  readonly supervisor: Supervisor
  readonly config: Config
  readonly sampler: HostSampler
  readonly vm: VmScripts
  readonly ollama: OllamaDesk
  readonly vmCleanup: VmCleanup
  readonly log: (level: 'warn', msg: string, more?: object) => void
  readonly hermes: HermesDesk
  readonly checks: CheckDesk
}): Handled[] {
  return [
    handle(scriptRows.listScripts, async () => scripts.list()),
    handle(scriptRows.planScript, async (wish) => scripts.plan(wish)),
    handle(scriptRows.approveScript, async ({ digest }, { caller }) => ({ script: scripts.approve(digest, caller.id) }), {
      targetOf: ({ digest }) => scripts.plannedFor(digest),
    }),
    handle(scriptRows.revokeScript, async ({ scriptId }) => {
      scripts.revoke(scriptId)
      return { ok: true }
    }),
    handle(runRows.startRun, async (input, { caller }) => ({ run: supervisor.start(input, { kind: caller.kind, id: caller.id }) })),
    handle(codeRows.checkCode, async (input, { caller }) => ({ run: supervisor.check(input, { kind: caller.kind, id: caller.id }) })),
    handle(codeRows.listProjects, async () => checks.projects()),
    handle(runRows.listRuns, async (filter) => ({ items: supervisor.list(filter) })),
    handle(runRows.getRun, async ({ runId }) => ({ run: supervisor.get(runId) })),
    handle(runRows.readRunLog, ({ runId, after = 0, limit = linesByDefault, follow = false }, { signal }) =>
      supervisor.log(runId, { after, limit, follow }, signal),
    ),
    handle(
      runRows.cancelRun,
      async ({ runId, reason }, { caller }) => ({
        run: await supervisor.cancel(runId, { id: caller.id, service: caller.kind === 'service' }, reason),
      }),
      { essential: true },
    ),
    handle(probeHealth, (input) => probe(input, config.probe)),
    handle(measureSystem, async ({ only }) => (only === 'containers' ? sampler.containers() : sampler.sample())),
    ...vmVerbs({ scripts: vm, root: config.hostRoot, log, now: () => new Date() }),
    ...ollama.verbs,
    ...vmCleanup.handled,
    ...scheduleVerbs({ root: config.hostRoot, uid: config.uid, now: () => new Date() }),
    ...hermes.handled,
  ]
}
