import type { Instance } from './instances.ts'
import { type Look, unknownLook } from './look-instance.ts'
import type { ProbeDocument } from './probe/document.ts'
import type { CronItem } from './probe/read-cron.ts'

const at = '2026-11-28T12:00:00.000Z'
const section = { status: 'up', reason: null, items: [], total: 0, truncated: false, durationMs: 1 } as const

export const seenDocument: ProbeDocument = {
  v: 1,
  gateway: {
    ...{ status: 'up', reason: null, state: 'running', pid: 41, startTicks: 7, updatedAt: at, activeAgents: 0 },
    platforms: [{ name: 'telegram', state: 'connected', errorCode: null, updatedAt: at, needsAttention: false }],
  },
  memory: { ...section, source: 'file' },
  memoryFacts: { usedCharacters: 0, limitCharacters: 2_200, externalProvider: null, userFile: false },
  cron: { ...section, source: 'file' },
  ticker: { heartbeatAt: at, successAt: at },
  sessions: { ...section, source: 'sqlite' },
  skills: { ...section, source: 'file' },
  disk: { totalBytes: 1_000, parts: [{ name: 'state.db', bytes: 1_000 }], cut: false },
}

const instance: Instance = {
  ...{ id: 'vm', label: 'vm', user: 'root', home: null, unit: 'hermes-gateway.service', scope: 'user' },
  ...{ backupRepo: '/srv/backup', healthUrl: null, memoryBodies: false },
}

/** An agent that is well at noon, and whatever is to be otherwise. */
export function seen(more: Partial<Look> = {}, document: Partial<ProbeDocument> = {}): Look {
  const none = unknownLook(instance, 'not_installed', new Date(at))
  return {
    ...none,
    reason: null,
    document: { ...seenDocument, ...document },
    unit: {
      ...none.unit,
      status: 'up',
      reason: null,
      loaded: true,
      active: 'active',
      sub: 'running',
      enabled: 'enabled',
      restarts: 0,
      mainPid: 41,
    },
    process: { alive: true, pid: 41, startedAt: '2026-11-28T10:00:00.000Z', memoryBytes: 1, cpuSec: 1 },
    backup: {
      ...{ status: 'up', reason: null, changedFiles: 0, ahead: 0, sizeBytes: 1 },
      commits: [{ hash: 'a'.repeat(40), at: '2026-11-28T11:50:00.000Z', subject: 'sessions' }],
    },
    ...more,
  }
}

export const cronItem: CronItem = {
  ...{ id: 'j', name: 'report', schedule: 'daily', state: 'scheduled', lastRunAt: null, lastStatus: 'ok', lastError: null },
  ...{ lastDeliveryError: null, nextRunAt: '2026-11-28T13:00:00.000Z', failureStreak: null, delivers: null, runs: null },
}
