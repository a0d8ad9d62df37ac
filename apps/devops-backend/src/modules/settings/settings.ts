import type { Settings } from '@console/contracts/settings/actions'
import type { Context } from '@console/http-kit/context'
import type { Collection } from '@console/store/port'
import type { SettingsDoc } from '../../documents.ts'
import { staleRead } from '../../stale-read.ts'

export type SettingsDeps = {
  readonly settings: Collection<SettingsDoc>
  readonly productName: string
  readonly hostName: string
  readonly changed: () => void
}

const defaults: Settings = { runHistoryDays: 365, healthSampleDays: 90, metricDays: 90, auditDays: 400, telemetryDays: 30 }
const partition = 'local'
const id = 'all'
const never = 'default'

/** What is kept and for how long, as it stands in the store now. */
export async function currentSettings({ settings }: Pick<SettingsDeps, 'settings'>): Promise<Settings> {
  return valuesOf((await settings.get(partition, id))?.doc)
}

/** What was stored before a setting existed has its default. */
function valuesOf(doc: SettingsDoc | undefined): Settings {
  const { v: _, ...values } = { ...defaults, ...(doc ?? { v: 1 }) }
  return values
}

export async function getSettings({ settings, productName, hostName }: Omit<SettingsDeps, 'changed'>) {
  const stored = await settings.get(partition, id)
  return { settings: valuesOf(stored?.doc), productName, hostName, etag: stored?.etag ?? never }
}

export async function updateSettings(deps: SettingsDeps, ctx: Context, values: Settings) {
  const stored = await deps.settings.get(partition, id)
  if ((stored?.etag ?? never) !== ctx.ifMatch) throw staleRead()
  const doc: SettingsDoc = { v: 1, ...values }
  await (stored ? deps.settings.replace(partition, id, doc, stored.etag) : deps.settings.insert(partition, id, doc)).catch(
    (error: { code?: string }) => {
      throw error.code === 'Precondition' || error.code === 'Conflict' ? staleRead() : error
    },
  )
  deps.changed()
  return getSettings(deps)
}
