import { exportAuditRows, listAuditRows, verifyAudit } from '@console/contracts/audit/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import type { AuditView } from './audit.ts'
import { exportRows } from './export-rows.ts'

export const bindAudit = (audit: AuditView): BoundAction[] => [
  bind(listAuditRows, ({ query }) => audit.list(query)),
  bind(exportAuditRows, ({ query: { format = 'csv', ...filter } }) => exportRows(audit.rows(filter), format)),
  bind(verifyAudit, () => audit.verify()),
]
