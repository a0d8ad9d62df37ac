import { cleanLogText } from '@console/log-text/clean-log-text'
import { maskSecrets } from '@console/log-text/mask-secrets'
import { DaemonError } from '@console/verb-kit/problem'
import { parseStrictJson } from '@console/verbs/json-strict'

const statuses = ['ok', 'warn', 'fail', 'unknown'] as const
type Check = {
  readonly id: string
  readonly title: string
  readonly status: (typeof statuses)[number]
  readonly measured: string
  readonly wanted: string
  readonly advice: string
}
/** What vm-health-check.sh found. Its texts hold names that others chose, so they are made safe here. */
export type HealthReport = {
  readonly host: {
    readonly name: string
    readonly system: string
    readonly kernel: string
    readonly uptimeSec: number
    readonly processors: number
  }
  readonly checks: readonly Check[]
}

const mostChecks = 200
const longestText = 500

/** Holds the script's answer against its one shape: every field, no other. @throws DaemonError VM_SCRIPT_FAILED */
export function parseHealthReport(text: string): HealthReport {
  const { v, host, checks } = objectOf(jsonOf(text), ['v', 'host', 'checks'])
  if (v !== 1 || !Array.isArray(checks) || checks.length > mostChecks) throw unreadable()
  const about = objectOf(host, ['name', 'system', 'kernel', 'uptimeSec', 'processors'])
  const listed = checks.map(checkOf)
  if (new Set(listed.map(({ id }) => id)).size !== listed.length) throw unreadable()
  return {
    host: {
      name: textOf(about.name),
      system: textOf(about.system),
      kernel: textOf(about.kernel),
      uptimeSec: countOf(about.uptimeSec),
      processors: countOf(about.processors),
    },
    checks: listed,
  }
}

function checkOf(value: unknown): Check {
  const check = objectOf(value, ['id', 'title', 'status', 'measured', 'wanted', 'advice'])
  const status = statuses.find((one) => one === check.status)
  if (status === undefined || check.id === '' || check.title === '') throw unreadable()
  const { id, title, measured, wanted, advice } = check
  return { id: textOf(id), title: textOf(title), status, measured: textOf(measured), wanted: textOf(wanted), advice: textOf(advice) }
}

function jsonOf(text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch {
    throw unreadable()
  }
}

function objectOf<const N extends string>(value: unknown, names: readonly N[]): Record<N, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable()
  if (Object.keys(value).sort().join() !== [...names].sort().join()) throw unreadable()
  return value as Record<N, unknown>
}

function textOf(value: unknown): string {
  if (typeof value !== 'string' || value.length > longestText) throw unreadable()
  return cleanLogText(maskSecrets(value).text)
}

function countOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw unreadable()
  return value
}

function unreadable(): DaemonError {
  return new DaemonError('VM_SCRIPT_FAILED', 502, 'vm-health-check.sh answered what cannot be read. Run it by hand on the host.')
}
