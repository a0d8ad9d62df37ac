import { z } from 'zod'
import { defineAction } from '../action.ts'

/** What the console keeps and for how long. */
export const Settings = z.strictObject({
  runHistoryDays: z.int().min(7).max(3_650),
  healthSampleDays: z.int().min(7).max(400),
  /** By ten minutes; finer figures end sooner. */
  metricDays: z.int().min(7).max(400),
  auditDays: z.int().min(90).max(3_650),
  telemetryDays: z.int().min(1).max(90),
})
export type Settings = z.infer<typeof Settings>
const SettingsState = z.strictObject({ settings: Settings, productName: z.string(), hostName: z.string(), etag: z.string() })

export const getSettings = defineAction({
  id: 'settings.all.get',
  api: 'devops',
  method: 'GET',
  path: '/settings',
  auth: 'session',
  risk: 'read',
  summary: 'Read the settings.',
  success: { status: 200, body: SettingsState, etag: true },
  errors: [],
})

export const updateSettings = defineAction({
  id: 'settings.all.update',
  api: 'devops',
  method: 'PUT',
  path: '/settings',
  auth: 'session',
  risk: 'change',
  role: 'admin',
  ifMatch: true,
  summary: 'Change the settings.',
  body: Settings,
  success: { status: 200, body: SettingsState, etag: true },
  errors: [],
  audit: {
    target: { fixed: 'settings' },
    fields: { runHistoryDays: 'keep', healthSampleDays: 'keep', metricDays: 'keep', auditDays: 'keep', telemetryDays: 'keep' },
  },
})
