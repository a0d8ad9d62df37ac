import type { AuditLog } from '@console/audit-chain/log'
import { listPlatformAuditRows } from '@console/contracts/audit/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { listRows } from './audit-rows.ts'

export const bindAudit = (log: Pick<AuditLog, 'read'>): BoundAction[] => [bind(listPlatformAuditRows, ({ query }) => listRows(log, query))]
