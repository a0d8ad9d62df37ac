import type { CodeRun } from '@console/contracts/code-quality/schemas'
import type { Run } from '@console/contracts/deployments/schemas'
import type { HealthState, Incident } from '@console/contracts/health/schemas'
import type { AgentKey } from '@console/contracts/hermes/signal-schemas'
import type { ServiceInput } from '@console/contracts/services/schemas'
import type { Settings } from '@console/contracts/settings/actions'

/** What lies in the store. Every document has `v`; a reader raises older ones. */
export type ServiceDoc = ServiceInput & {
  v: 1
  createdAt: string
  createdBy: string
  updatedAt: string
  updatedBy: string
  /** Origins of checks that are on no list and that an admin entered; absent where there are none. */
  admittedOrigins?: readonly string[]
}
/** A secret's value is sealed; the others stand as they are. */
export type VariablesDoc = { v: 1; items: { name: string; secret: boolean; value: string; setAt: string; setBy: string }[] }
/** A run as it was last known here. `open` until it has ended; `admitted` once the host-agent took it. */
export type RunDoc = Omit<Run, 'position'> & { v: 1; admitted: boolean; open: boolean; chk: CheckLine[] }
/** A health check's line while a run is verified; it stands after the script's own lines. */
type CheckLine = { at: string; text: string }
/** A check of code as it was last known here. */
export type CodeRunDoc = CodeRun & { v: 1; open: boolean; admitted: boolean }
export type IncidentDoc = Incident & { v: 1; open: boolean }
/** Seconds of an hour in each state. */
export type Seconds = Record<HealthState, number>
/** A day of a service, hour by hour, UTC: how long it was in which state. */
export type UptimeDoc = { v: 1; serviceId: string; day: string; hours: Seconds[] }
/** A key of an agent: the hash of one that comes in a header, or, sealed, one that signs. */
export type AgentKeyDoc = Omit<AgentKey, 'firstUsedAt' | 'lastUsedAt'> & { v: 1; hash?: string; sealed?: string }
export type SettingsDoc = Settings & { v: 1 }
