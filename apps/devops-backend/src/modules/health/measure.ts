import type { HealthCheck, Measurement } from '@console/contracts/health/schemas'
import { AppError } from '@console/http-kit/problem'
import type { Ask } from '../../clients/daemon-client.ts'
import type { DockerProxy } from '../../clients/docker-proxy.ts'
import type { HostAgent } from '../../clients/host-agent.ts'
import { addressOf, type Target } from './check-address.ts'
import { type Probe, probeHttp, probeTcp } from './direct-probe.ts'
import { statusFits } from './judge-health.ts'
import { judgeTarget, type TargetRules } from './target-guard.ts'

export type MeasureDeps = {
  readonly agent: HostAgent
  readonly docker: DockerProxy
  readonly rules: TargetRules
  readonly now: () => Date
  readonly monotonic: () => number
}

/**
 * Measures a check once. `ok: null` means that the part that would have measured is away: then nothing is known.
 * @param admitted origins on no list that an admin entered for the check's service
 */
export async function measure(deps: MeasureDeps, check: HealthCheck, ask: Ask, admitted: readonly string[] = []): Promise<Measurement> {
  const at = deps.now().toISOString()
  const result = await resultOf(deps, check, ask, admitted).catch((error: unknown) => unknownOf(error))
  return { checkId: check.id, at, ...result }
}

type Result = Omit<Measurement, 'checkId' | 'at'>

async function resultOf(deps: MeasureDeps, check: HealthCheck, ask: Ask, admitted: readonly string[]): Promise<Result> {
  if (check.kind === 'container') return containerResult(deps, check.container, ask)
  const target = addressOf(check)
  const verdict = judgeTarget(target.host, target.port, deps.rules)
  if (verdict.go === 'refused' || (verdict.go === 'unlisted' && !admitted.includes(target.origin)))
    return { ok: false, latencyMs: null, note: verdict.why, tlsExpiresAt: null }
  if (verdict.go === 'agent') return agentResult(deps, check, target, ask)
  const probe: Probe =
    check.kind === 'tcp'
      ? await probeTcp({ ...target, timeoutMs: check.timeoutMs }, deps.monotonic)
      : await probeHttp(check, deps.monotonic)
  return { ...probe }
}

/** Loopback is the host's, not this container's: the host-agent asks there, from its own list of origins. */
async function agentResult(
  { agent }: MeasureDeps,
  check: Exclude<HealthCheck, { kind: 'container' }>,
  { written, port }: Target,
  ask: Ask,
): Promise<Result> {
  const { timeoutMs } = check
  if (check.kind === 'tcp') {
    const probe = await agent.probe({ kind: 'tcp', target: `${written}:${port}`, timeoutMs }, ask)
    return {
      ok: probe.ok,
      latencyMs: probe.latencyMs,
      note: probe.error?.message ?? `connected in ${probe.latencyMs} ms`,
      tlsExpiresAt: null,
    }
  }
  const body = check.expectBody === null ? {} : { expectBody: check.expectBody }
  const probe = await agent.probe({ kind: 'http', target: check.url, timeoutMs, method: check.method, ...body }, ask)
  if (probe.status === null)
    return { ok: false, latencyMs: null, note: probe.error?.message ?? 'no answer', tlsExpiresAt: probe.tlsExpiresAt }
  const ok = statusFits(check.expectStatus, probe.status) && probe.bodyMatched !== false
  return {
    ok,
    latencyMs: probe.latencyMs,
    note: `${probe.status} in ${probe.latencyMs} ms${probe.bodyMatched === false ? ', the body lacks the expected text' : ''}`,
    tlsExpiresAt: probe.tlsExpiresAt,
  }
}

async function containerResult({ docker }: MeasureDeps, name: string, ask: Ask): Promise<Result> {
  const { container, freshness } = await docker.inspect(name, ask)
  if (freshness === 'away' || freshness === 'stale')
    return { ok: null, latencyMs: null, note: 'Docker does not answer', tlsExpiresAt: null }
  const ok = container.state === 'running' && (container.health === 'healthy' || container.health === 'none')
  return {
    ok,
    latencyMs: null,
    note: container.health === 'none' ? container.state : `${container.state}, ${container.health}`,
    tlsExpiresAt: null,
  }
}

/** A part of the console that is away says nothing about the target; any other refusal is a miss. */
function unknownOf(error: unknown): Result {
  if (!(error instanceof AppError)) throw error
  const away = error.status >= 500 || error.code === 'RATE_LIMITED'
  return { ok: away ? null : false, latencyMs: null, note: error.message, tlsExpiresAt: null }
}
