import { cleanLogText } from '@console/log-text/clean-log-text'
import { maskSecrets } from '@console/log-text/mask-secrets'
import { type Answer, readAnswer } from './read-answer.ts'

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

/** Holds the script's answer against its one shape. @throws DaemonError VM_SCRIPT_FAILED */
export function parseHealthReport(text: string): HealthReport {
  const answer = readAnswer('vm-health-check.sh', text)
  const { v, host, checks } = answer.object(answer.value, ['v', 'host', 'checks'])
  const listed = answer.list(checks, mostChecks).map((value) => checkOf(answer, value))
  if (v !== 1 || new Set(listed.map(({ id }) => id)).size !== listed.length) throw answer.unreadable()
  const { name, system, kernel, uptimeSec, processors } = answer.object(host, ['name', 'system', 'kernel', 'uptimeSec', 'processors'])
  const about = { name: shown(answer, name), system: shown(answer, system), kernel: shown(answer, kernel) }
  return { host: { ...about, uptimeSec: answer.count(uptimeSec), processors: answer.count(processors) }, checks: listed }
}

function checkOf(answer: Answer, value: unknown): Check {
  const check = answer.object(value, ['id', 'title', 'status', 'measured', 'wanted', 'advice'])
  if (check.id === '' || check.title === '') throw answer.unreadable()
  return {
    id: shown(answer, check.id),
    title: shown(answer, check.title),
    status: answer.word(check.status, statuses),
    measured: shown(answer, check.measured),
    wanted: shown(answer, check.wanted),
    advice: shown(answer, check.advice),
  }
}

function shown(answer: Answer, value: unknown): string {
  return cleanLogText(maskSecrets(answer.text(value, longestText)).text)
}
