import { CheckName, CodeProjects } from '@console/contracts/code-quality/schemas'
import { HermesMemory, HermesOps, HermesTelemetry } from '@console/contracts/hermes/schemas'
import { LoadedModel, ModelDeletePlan, ModelPull, OllamaModel } from '@console/contracts/ollama/schemas'
import { ScriptPlan, Script as ScriptRow } from '@console/contracts/scripts/schemas'
import { Digest, Instant } from '@console/contracts/shapes'
import { VmCleanupPlan, VmCleanupReceipt } from '@console/contracts/vm/cleanup-schemas'
import { VmUnits } from '@console/contracts/vm/schedule-schemas'
import { VmHealth, VmLog } from '@console/contracts/vm/schemas'
import * as codeVerbs from '@console/verbs/code'
import { listSchedules, listUnits } from '@console/verbs/cron'
import { probeHealth } from '@console/verbs/health'
import { readHermes, readHermesMemory, watchHermes } from '@console/verbs/hermes'
import * as ollamaVerbs from '@console/verbs/ollama'
import * as runVerbs from '@console/verbs/runs'
import * as scriptVerbs from '@console/verbs/scripts'
import { measureSystem } from '@console/verbs/system'
import type { ArgsOf } from '@console/verbs/verb'
import * as vmVerbs from '@console/verbs/vm'
import { z } from 'zod'
import { type Ask, type DaemonClient, parsedBy } from './daemon-client.ts'
import { ContainerReading, HostReading } from './host-reading.ts'
import { HostSchedules } from './host-schedules.ts'

/** A run as the host-agent knows it: whether its processes live, and how they ended. Health is judged here, not there. */
export const AgentRun = z.object({
  runId: z.string(),
  scriptId: z.string(),
  serviceId: z.string(),
  state: z.enum(['queued', 'running', 'exited', 'cancelled', 'timed-out', 'interrupted', 'refused']),
  reason: z.string(),
  scriptSha256: Digest.nullable(),
  user: z.string().nullable(),
  unit: z.string().nullable(),
  queuedAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  deadlineAt: Instant.nullable(),
  timeoutSec: z.int(),
  steps: z.array(z.object({ name: z.string(), at: Instant })),
  lines: z.int(),
  bytes: z.int(),
  cut: z.boolean(),
  firstErrorLine: z.int().nullable(),
  code: z.string().nullable(),
  cancelledBy: z.string().nullable(),
  position: z.int().nullable(),
  /** Of a check of code: how far each is, by the status of its process. */
  checks: z
    .array(
      z.object({
        name: CheckName,
        state: z.enum(['waiting', 'running', 'passed', 'failed', 'not-run']),
        exitCode: z.int().nullable(),
        startedAt: Instant.nullable(),
        endedAt: Instant.nullable(),
        fromLine: z.int().nullable(),
        toLine: z.int().nullable(),
        bound: z.enum(['memory']).nullable().default(null),
      }),
    )
    .nullish(),
})
export type AgentRun = z.infer<typeof AgentRun>

const ScriptList = z.object({ items: z.array(ScriptRow), canChangeUser: z.boolean(), warnings: z.array(z.string()) })
const Planned = z.object({ plan: ScriptPlan, digest: Digest })
const OneRun = z.object({ run: AgentRun })
const Runs = z.object({ items: z.array(AgentRun) })
const LogEvent = z.union([
  z.object({ seq: z.int(), at: Instant, stream: z.enum(['out', 'err', 'sys']), text: z.string() }),
  z.object({ next: z.int() }),
  z.object({ ended: z.string() }),
])
export type RunLogEvent = z.infer<typeof LogEvent>
const Probed = z.object({
  ok: z.boolean(),
  status: z.int().nullable(),
  latencyMs: z.number().nullable(),
  bodyMatched: z.boolean().nullable(),
  tlsExpiresAt: Instant.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})

const Models = z.object({
  at: Instant.nullable(),
  trouble: z.object({ code: z.string(), message: z.string() }).nullable(),
  version: z.string().nullable(),
  answerMs: z.int().nullable(),
  watchedSince: Instant,
  models: z.array(OllamaModel.omit({ loaded: true })),
  loaded: z.array(LoadedModel.extend({ name: z.string(), digest: Digest })),
  left: z.int(),
  pulls: z.array(ModelPull),
})
const OnePull = z.object({ pull: ModelPull })
const PlannedDelete = z.object({ plan: ModelDeletePlan, digest: Digest })
const Deleted = z.object({ name: z.string(), modelDigest: Digest, freesBytes: z.int() })
const Unloaded = z.object({ name: z.string(), left: z.boolean() })
const PlannedVm = z.strictObject({ plan: VmCleanupPlan, digest: Digest })
const CarriedVm = z.strictObject({ receipt: VmCleanupReceipt })
const VmReceipts = z.strictObject({ items: z.array(VmCleanupReceipt) })

/** host-agent's verbs as functions; every answer is checked before it is believed. */
export type HostAgent = ReturnType<typeof hostAgentOver>

export function hostAgentOver(client: DaemonClient) {
  return {
    async listScripts(ask: Ask) {
      return ScriptList.parse(await client.call(scriptVerbs.listScripts, {}, ask))
    },
    async planScript(input: ArgsOf<typeof scriptVerbs.planScript>, ask: Ask) {
      return Planned.parse(await client.call(scriptVerbs.planScript, input, ask))
    },
    async approveScript(digest: string, ask: Ask): Promise<void> {
      await client.call(scriptVerbs.approveScript, { digest }, ask)
    },
    async revokeScript(input: { scriptId: string; reason: string }, ask: Ask): Promise<void> {
      await client.call(scriptVerbs.revokeScript, input, ask)
    },
    async startRun(input: ArgsOf<typeof runVerbs.startRun>, ask: Ask): Promise<AgentRun> {
      return OneRun.parse(await client.call(runVerbs.startRun, input, ask)).run
    },
    async startChecks(input: ArgsOf<typeof codeVerbs.checkCode>, ask: Ask): Promise<AgentRun> {
      return OneRun.parse(await client.call(codeVerbs.checkCode, input, ask)).run
    },
    async listProjects(ask: Ask): Promise<CodeProjects> {
      return CodeProjects.parse(await client.call(codeVerbs.listProjects, {}, ask))
    },
    async listRuns(state: 'open' | 'all', ask: Ask): Promise<AgentRun[]> {
      return Runs.parse(await client.call(runVerbs.listRuns, { state, limit: 500 }, ask)).items
    },
    async getRun(runId: string, ask: Ask): Promise<AgentRun> {
      return OneRun.parse(await client.call(runVerbs.getRun, { runId }, ask)).run
    },
    async cancelRun(input: { runId: string; reason: string }, ask: Ask): Promise<AgentRun> {
      return OneRun.parse(await client.call(runVerbs.cancelRun, input, ask)).run
    },
    async runLog(input: ArgsOf<typeof runVerbs.readRunLog>, ask: Ask): Promise<AsyncIterable<RunLogEvent>> {
      return parsedBy(LogEvent, await client.stream(runVerbs.readRunLog, input, ask))
    },
    async measure(ask: Ask): Promise<HostReading> {
      return HostReading.parse(await client.call(measureSystem, {}, ask))
    },
    async measureContainers(ask: Ask): Promise<ContainerReading> {
      return ContainerReading.parse(await client.call(measureSystem, { only: 'containers' }, ask))
    },
    async checkVm(ask: Ask) {
      return VmHealth.parse(await client.call(vmVerbs.checkVm, {}, ask))
    },
    async schedules(ask: Ask) {
      return HostSchedules.parse(await client.call(listSchedules, {}, ask))
    },
    async units(ask: Ask) {
      return VmUnits.parse(await client.call(listUnits, {}, ask))
    },
    async vmLog(input: ArgsOf<typeof vmVerbs.readVmLog>, ask: Ask) {
      return VmLog.parse(await client.call(vmVerbs.readVmLog, input, ask))
    },
    async planVmCleanup(ask: Ask) {
      return PlannedVm.parse(await client.call(vmVerbs.planVmCleanup, {}, ask))
    },
    async runVmCleanup(input: ArgsOf<typeof vmVerbs.runVmCleanup>, ask: Ask) {
      return CarriedVm.parse(await client.call(vmVerbs.runVmCleanup, input, ask))
    },
    async vmCleanups(limit: number, ask: Ask) {
      return VmReceipts.parse(await client.call(vmVerbs.listVmCleanups, { limit }, ask))
    },
    async hermesOps(ask: Ask) {
      return HermesOps.parse(await client.call(watchHermes, {}, ask))
    },
    async hermesTelemetry(instance: string, ask: Ask) {
      return HermesTelemetry.parse(await client.call(readHermes, { instance }, ask))
    },
    async hermesMemory(instance: string, ask: Ask) {
      return HermesMemory.parse(await client.call(readHermesMemory, { instance }, ask))
    },
    async listModels(ask: Ask) {
      return Models.parse(await client.call(ollamaVerbs.listModels, {}, ask))
    },
    async pullModel(input: ArgsOf<typeof ollamaVerbs.pullModel>, ask: Ask) {
      return OnePull.parse(await client.call(ollamaVerbs.pullModel, input, ask))
    },
    async cancelPull(pullId: string, ask: Ask) {
      return OnePull.parse(await client.call(ollamaVerbs.cancelPull, { pullId }, ask))
    },
    async unloadModel(input: ArgsOf<typeof ollamaVerbs.unloadModel>, ask: Ask) {
      return Unloaded.parse(await client.call(ollamaVerbs.unloadModel, input, ask))
    },
    async planModelDelete(name: string, ask: Ask) {
      return PlannedDelete.parse(await client.call(ollamaVerbs.planDelete, { name }, ask))
    },
    async deleteModel(input: ArgsOf<typeof ollamaVerbs.deleteModel>, ask: Ask) {
      return Deleted.parse(await client.call(ollamaVerbs.deleteModel, input, ask))
    },
    async probe(input: ArgsOf<typeof probeHealth>, ask: Ask) {
      return Probed.parse(await client.call(probeHealth, input, ask))
    },
  }
}
