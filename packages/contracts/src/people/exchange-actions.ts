import { z } from 'zod'
import { defineAction } from '../action.ts'
import { ImportAs, ImportFormat, ImportResult, importLimits } from './exchange.ts'
import { peopleFilters } from './schemas.ts'

const at = { api: 'platform', auth: 'session', role: 'admin' } as const

export const exportUsers = defineAction({
  ...at,
  id: 'users.user.export',
  method: 'GET',
  path: '/users/export',
  risk: 'read',
  summary: 'Download the people and open invites that fit, as CSV or JSON.',
  query: z.strictObject({ ...peopleFilters, format: z.enum(['csv', 'json']).optional() }),
  success: { status: 200, file: 'text/csv', formats: { csv: 'text/csv', json: 'application/json' } },
  errors: ['AUTH_STEP_UP_REQUIRED'],
  audit: { target: { fixed: 'people' }, fields: {}, facts: ['filter', 'format', 'count'] },
})

export const importUsers = defineAction({
  ...at,
  id: 'users.user.import',
  method: 'POST',
  path: '/users/import',
  risk: 'change',
  summary: 'Invite, or enter without passwords, the people of a file; each is checked and answered by itself, and a dry run does nothing.',
  body: z.strictObject({
    format: ImportFormat,
    text: z.string().min(1).max(importLimits.textLength),
    as: ImportAs,
    /** Only says what would be done. */
    dryRun: z.boolean(),
    expiresInHours: z.int().min(1).max(720).optional(),
  }),
  success: {
    status: 200,
    body: z.strictObject({ results: z.array(ImportResult), created: z.int(), exists: z.int(), refused: z.int(), dryRun: z.boolean() }),
  },
  errors: ['IMPORT_UNREADABLE', 'IMPORT_TOO_LARGE', 'AUTH_STEP_UP_REQUIRED'],
  audit: {
    target: { fixed: 'people' },
    fields: { format: 'keep', text: 'drop', as: 'keep', dryRun: 'keep', expiresInHours: 'keep' },
    facts: ['rows', 'created', 'exists', 'refused', 'sha256'],
  },
})
