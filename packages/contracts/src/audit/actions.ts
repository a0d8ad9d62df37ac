import { dockerProxySelf, hostAgentSelf } from '@console/verbs/daemon'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { pageOf } from '../shapes.ts'
import { AuditQuery, AuditRow, auditFilter, ChainState } from './schemas.ts'

export const listAuditRows = defineAction({
  id: 'audit.row.list',
  api: 'devops',
  method: 'GET',
  path: '/audit',
  auth: 'session',
  risk: 'read',
  summary: 'Read who did what, newest first, over all four logs.',
  reads: [dockerProxySelf.readJournal, hostAgentSelf.readJournal],
  query: AuditQuery,
  success: { status: 200, body: pageOf(AuditRow).extend({ away: z.array(z.string()) }) },
  errors: [],
})

export const exportAuditRows = defineAction({
  id: 'audit.row.export',
  api: 'devops',
  method: 'GET',
  path: '/audit/export',
  auth: 'session',
  risk: 'read',
  role: 'operator',
  summary: 'Download audit rows as CSV or NDJSON.',
  query: z.strictObject({ ...auditFilter, format: z.enum(['csv', 'ndjson']).optional() }),
  success: { status: 200, file: 'text/csv', formats: { csv: 'text/csv', ndjson: 'application/x-ndjson' } },
  errors: [],
  audit: { target: { fixed: 'audit' }, fields: {} },
})

export const verifyAudit = defineAction({
  id: 'audit.chain.verify',
  api: 'devops',
  method: 'GET',
  path: '/audit/verify',
  auth: 'session',
  risk: 'read',
  summary: 'Check every audit chain from its first row.',
  reads: [
    dockerProxySelf.verifyJournal,
    hostAgentSelf.verifyJournal,
    dockerProxySelf.checkpointJournal,
    hostAgentSelf.checkpointJournal,
    dockerProxySelf.witnessCheckpoint,
    hostAgentSelf.witnessCheckpoint,
  ],
  success: { status: 200, body: z.strictObject({ chains: z.array(ChainState) }) },
  errors: [],
})

export const listPlatformAuditRows = defineAction({
  id: 'platformAudit.row.list',
  api: 'platform',
  method: 'GET',
  path: '/audit',
  auth: 'session',
  risk: 'read',
  role: 'admin',
  summary: 'Read who signed in and who changed access, newest first.',
  query: AuditQuery,
  success: { status: 200, body: pageOf(AuditRow) },
  errors: [],
})
