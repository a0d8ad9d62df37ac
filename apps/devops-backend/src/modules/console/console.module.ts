import * as actions from '@console/contracts/console/actions'
import { streamEvents } from '@console/contracts/events/actions'
import { listPrivileges as listPrivilegesAction } from '@console/contracts/privileges/actions'
import { getSettings as getSettingsAction, updateSettings as updateSettingsAction } from '@console/contracts/settings/actions'
import { reportTelemetry } from '@console/contracts/telemetry/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Context } from '@console/http-kit/context'
import { csrfRefreshSec } from '@console/tokens/csrf'
import type { EventHub } from '../events/event-hub.ts'
import { listPrivileges, type PrivilegeDeps } from '../privileges/privileges.ts'
import { getSettings, type SettingsDeps, updateSettings } from '../settings/settings.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { hostInfo, type Parts } from './parts.ts'

type Deps = {
  readonly parts: Parts
  readonly hub: EventHub
  readonly csrfFor: (ctx: Context) => string
  readonly hostName: string
  readonly privileges: PrivilegeDeps
  readonly settings: SettingsDeps
  readonly telemetry: Telemetry
}

/** What the console says of itself. */
export const bindConsole = ({ parts, hub, csrfFor, hostName, privileges, settings, telemetry }: Deps): BoundAction[] => [
  bind(actions.getHealth, async () => {
    const problems = parts
      .list()
      .filter(({ state }) => state !== 'up')
      .map(({ part, detail }) => `${part}: ${detail}`)
    return { status: problems.length === 0 ? ('ok' as const) : ('degraded' as const), problems }
  }),
  bind(actions.getCsrfToken, async ({ ctx }) => ({ csrfToken: csrfFor(ctx), refreshAfterSec: csrfRefreshSec })),
  bind(actions.listParts, async ({ ctx }) => ({ host: hostInfo(hostName), role: ctx.actor.role ?? 'viewer', parts: parts.list() })),
  bind(streamEvents, async function* ({ ctx }) {
    for await (const event of hub.follow(ctx.signal)) yield { event: 'change', data: event }
  }),
  bind(listPrivilegesAction, () => listPrivileges(privileges)),
  bind(getSettingsAction, () => getSettings(settings)),
  bind(updateSettingsAction, ({ ctx, body }) => updateSettings(settings, ctx, body)),
  bind(reportTelemetry, async ({ ctx, body }) => telemetry.take(ctx, body.reports)),
]
