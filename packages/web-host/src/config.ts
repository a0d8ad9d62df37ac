import process from 'node:process'
import { type DashboardSettings, readDashboardSettings } from './dashboard-settings.ts'

export type WebHostConfig = {
  readonly name: string
  readonly dir: string
  readonly previous: string | undefined
  readonly port: number
  readonly addresses: readonly string[] | undefined
  readonly hosts: readonly string[]
  readonly worker: boolean
  readonly settings: DashboardSettings
  readonly warnings: readonly string[]
}

/**
 * Reads the environment: `WEB_ROOT` (or the first argument), `WEB_PREVIOUS`, `PORT` (3000), `HOST` (addresses, comma-separated; both loopback ones),
 * `WEB_HOSTS` (further host names), `WEB_WORKER` (`on`, or `off`: browsers keep no pages), `WEB_NAME` (in log lines) and the `NEXT_PUBLIC_*` settings.
 * @throws Error that names every problem
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  args: readonly string[] = process.argv.slice(2),
): WebHostConfig {
  const { settings, warnings, problems: found } = readDashboardSettings(env)
  const problems = [...found]
  const dir = env.WEB_ROOT ?? args[0] ?? ''
  if (dir === '') problems.push('WEB_ROOT names no folder with the exported dashboard')
  const port = Number(env.PORT ?? 3000)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push(`PORT is no port: ${env.PORT}`)
  const worker = env.WEB_WORKER || 'on'
  if (worker !== 'on' && worker !== 'off') problems.push(`WEB_WORKER is neither on nor off: ${worker}`)
  if (problems.length > 0) throw new Error(`The settings are not right: ${problems.join('; ')}.`)
  const addresses = listOf(env.HOST)
  return {
    name: env.WEB_NAME ?? 'web-host',
    dir,
    previous: env.WEB_PREVIOUS || undefined,
    port,
    addresses: addresses.length > 0 ? addresses : undefined,
    hosts: listOf(env.WEB_HOSTS),
    worker: worker === 'on',
    settings,
    warnings,
  }
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((one) => one.trim() || [])
}
