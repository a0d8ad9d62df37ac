import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TelemetryReport } from '@console/contracts/telemetry/actions'
import type { Context } from '@console/http-kit/context'
import type { z } from 'zod'

export type Telemetry = { take(ctx: Context, reports: readonly z.infer<typeof TelemetryReport>[]): void }
const mostBytes = 20 * 1_048_576

/** What dashboards report of themselves, a line each in one file a day, bounded. It names no person. */
export function createTelemetry({
  dir,
  now,
  days,
}: {
  readonly dir: string
  readonly now: () => Date
  readonly days: () => number
}): Telemetry {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return {
    take(ctx, reports) {
      const at = now().toISOString()
      const file = join(dir, `${at.slice(0, 10)}.ndjson`)
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > mostBytes) return
      appendFileSync(file, reports.map((report) => `${JSON.stringify({ at, requestId: ctx.requestId, ...report })}\n`).join(''), {
        mode: 0o600,
      })
      const oldest = new Date(now().getTime() - days() * 86_400_000).toISOString().slice(0, 10)
      for (const name of readdirSync(dir)) if (name.slice(0, 10) < oldest) rmSync(join(dir, name))
    },
  }
}
