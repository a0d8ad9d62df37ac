import type { Context } from '@console/http-kit/context'
import { openSqliteStore } from '@console/store/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { collections } from '../../collections.ts'
import type { SettingsDoc } from '../../documents.ts'
import { currentSettings, getSettings, type SettingsDeps, updateSettings } from './settings.ts'

const ctx = (ifMatch: string) => ({ ifMatch }) as unknown as Context
const values = { runHistoryDays: 30, healthSampleDays: 7, metricDays: 30, auditDays: 90, telemetryDays: 3 }

describe('settings', () => {
  let store: ReturnType<typeof openSqliteStore>
  let deps: SettingsDeps
  let told = 0
  beforeEach(() => {
    store = openSqliteStore(':memory:')
    told = 0
    deps = {
      settings: store.collection<SettingsDoc>(collections.settings),
      productName: 'Console',
      hostName: 'host',
      changed: () => {
        told += 1
      },
    }
  })
  afterEach(() => store.close())

  it('are what they are by default until somebody changes them', async () => {
    const first = await getSettings(deps)
    expect(first).toMatchObject({ settings: { runHistoryDays: 365 }, productName: 'Console', hostName: 'host' })
    const next = await updateSettings(deps, ctx(first.etag), values)
    expect([next.settings, await currentSettings(deps), told]).toEqual([values, values, 1])
    expect(next.etag).not.toBe(first.etag)
  })

  it('that were stored before a setting existed have its default', async () => {
    const { metricDays: _, ...older } = values
    await deps.settings.insert('local', 'all', { v: 1, ...older } as SettingsDoc)
    expect(await currentSettings(deps)).toEqual({ ...values, metricDays: 90 })
    expect((await getSettings(deps)).settings.metricDays).toBe(90)
  })

  it('are changed only by who read the newest', async () => {
    const { etag } = await getSettings(deps)
    const next = await updateSettings(deps, ctx(etag), values)
    await expect(updateSettings(deps, ctx(etag), values)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', status: 412 })
    const both = await Promise.allSettled([
      updateSettings(deps, ctx(next.etag), { ...values, auditDays: 100 }),
      updateSettings(deps, ctx(next.etag), { ...values, auditDays: 200 }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(told).toBe(2)
  })
})
