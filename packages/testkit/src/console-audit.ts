import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from './daemon-harness.ts'
import { root } from './start-console.ts'

export const auditFolders = {
  'platform-service': 'platform/audit',
  'devops-backend': 'devops/audit',
  'docker-proxy': 'docker-proxy/audit',
  'host-agent': 'host-agent/audit',
} as const
export type AuditRow = {
  readonly seq: number
  readonly action: string
  readonly outcome: string
  readonly target: string
  readonly requestId: string
  readonly of?: number
  readonly code?: string
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * The stand-alone verifier over the four logs of a console. While the console runs a log may grow between the reading of two of them,
 * which then contradict each other for a moment: what is broken stays so, and is told with what the verifier said.
 */
export async function verifyConsoleAudit(dataDir: string, withinMs = 20_000): Promise<void> {
  let told = ''
  await until(
    'every chain holds',
    async () => {
      const { status, output } = await runVerifier(dataDir)
      told = output
      return status === 0 && Object.keys(auditFolders).every((log) => output.includes(`${log}: holds`))
    },
    withinMs,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${told}`)
  })
}

function runVerifier(dataDir: string): Promise<{ status: number | string | null | undefined; output: string }> {
  const folders = Object.values(auditFolders).map((folder) => join(dataDir, folder))
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'scripts/verify-audit.ts'), ...folders, '--keys', join(dataDir, 'keys')],
      (error, stdout, stderr) => resolve({ status: error ? error.code : 0, output: `${stdout}${stderr}` }),
    )
  })
}

/** The rows of one log as they lie on disk, oldest first; a row that is just being written is left out. */
export function auditRowsOf(dataDir: string, log: keyof typeof auditFolders): AuditRow[] {
  const folder = join(dataDir, auditFolders[log])
  return readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1))
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AuditRow)
}
