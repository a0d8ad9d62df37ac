import { reportTelemetry } from '@console/contracts/telemetry/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { Telemetry } from './telemetry.ts'

export const bindTelemetry = (telemetry: Telemetry): BoundAction[] => [
  bind(reportTelemetry, async ({ ctx, body }) => telemetry.take(ctx, body.reports)),
]
