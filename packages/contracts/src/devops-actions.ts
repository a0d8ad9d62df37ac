import type { Action } from './action.ts'
import { actionsIn } from './actions-in.ts'
import * as apm from './apm/actions.ts'
import { exportAuditRows, listAuditRows, verifyAudit } from './audit/actions.ts'
import { devopsBackups } from './backups/actions.ts'
import * as codeQuality from './code-quality/actions.ts'
import * as console from './console/actions.ts'
import * as deployments from './deployments/actions.ts'
import * as docker from './docker/actions.ts'
import * as disk from './docker/disk-actions.ts'
import * as events from './events/actions.ts'
import * as health from './health/actions.ts'
import * as hermes from './hermes/actions.ts'
import * as hermesSignals from './hermes/signal-actions.ts'
import * as logs from './logs/actions.ts'
import * as ollama from './ollama/actions.ts'
import * as privileges from './privileges/actions.ts'
import * as scripts from './scripts/actions.ts'
import * as services from './services/actions.ts'
import * as settings from './settings/actions.ts'
import * as system from './system/actions.ts'
import * as telemetry from './telemetry/actions.ts'
import * as vm from './vm/actions.ts'
import * as vmCleanup from './vm/cleanup-actions.ts'
import * as vmSchedules from './vm/schedule-actions.ts'

/** Every operation of devops-backend, under `/api/devops`. */
export const devopsActions: readonly Action[] = [
  ...[
    console,
    codeQuality,
    services,
    scripts,
    deployments,
    health,
    docker,
    disk,
    logs,
    privileges,
    events,
    settings,
    system,
    apm,
    telemetry,
    vm,
    ollama,
    hermes,
    hermesSignals,
    vmCleanup,
    vmSchedules,
    devopsBackups,
  ].flatMap(actionsIn),
  ...actionsIn({ listAuditRows, exportAuditRows, verifyAudit }),
]
