import { request } from 'node:http'
import type { Instance } from './instances.ts'
import { type Owner, ownerOf } from './owner.ts'
import type { ProbeDocument } from './probe/document.ts'
import type { Reason } from './probe/section.ts'
import { type BackupFacts, readBackup } from './read-backup.ts'
import { type ProcessFacts, readProcess } from './read-process.ts'
import { readUnit, type UnitFacts } from './read-unit.ts'
import { startProbe } from './start-probe.ts'

/** One look at one instance, from all sides. */
export type Look = {
  readonly at: string
  readonly instance: Instance
  /** Why nothing is known of the home; null where the document is there. */
  readonly reason: Reason | null
  readonly document: ProbeDocument | null
  readonly unit: UnitFacts
  readonly process: ProcessFacts
  readonly backup: BackupFacts
  /** Whether its HTTP address answers; null where none is set up. */
  readonly answers: boolean | null
}

const nobody = { alive: false, pid: null, startedAt: null, memoryBytes: null, cpuSec: null }

/** @param uid of the agent, which decides whether it can act as the owner */
export async function lookAtInstance(instance: Instance, { uid, now }: { readonly uid: number; readonly now: () => Date }): Promise<Look> {
  const owner = ownerOf(instance.user, uid)
  if (typeof owner === 'string') return unknownLook(instance, owner, now())
  const [found, unit, backup, answers] = await Promise.all([
    startProbe(instance.home ?? `${owner.home}/.hermes`, owner),
    readUnit(instance, owner),
    readBackup(instance.backupRepo, owner),
    instance.healthUrl === null ? null : askHealth(instance.healthUrl),
  ])
  const document = typeof found === 'string' ? null : found
  return {
    at: now().toISOString(),
    instance,
    reason: typeof found === 'string' ? found : null,
    document,
    unit,
    process: processOf(owner, unit, document),
    backup,
    answers,
  }
}

/** The unit knows its process; without one the home's word is taken, and held against the process itself. */
function processOf({ ownUid }: Owner, { mainPid }: UnitFacts, document: ProbeDocument | null): ProcessFacts {
  if (mainPid !== null) return readProcess(mainPid, { ownUid, startTicks: null })
  const { pid = null, startTicks = null } = document?.gateway ?? {}
  return startTicks === null ? nobody : readProcess(pid, { ownUid, startTicks })
}

export function unknownLook(instance: Instance, reason: Reason, at: Date): Look {
  const { unit: name, scope } = instance
  const unit = { loaded: false, active: null, sub: null, enabled: null, since: null, restarts: null, result: null, lastExit: null }
  return {
    at: at.toISOString(),
    instance,
    reason,
    document: null,
    unit: { status: 'unknown', reason, name, scope, ...unit, mainPid: null },
    process: nobody,
    backup: {
      status: instance.backupRepo === null ? 'none' : 'unknown',
      reason: instance.backupRepo === null ? null : reason,
      ...{ changedFiles: null, ahead: null, sizeBytes: null, commits: [] },
    },
    answers: null,
  }
}

/** Whether anything says 200 there. What it says besides is not read. */
function askHealth(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { timeout: 1_500 }, (answer) => {
      resolve(answer.statusCode === 200)
      asked.destroy()
    })
    const deadline = setTimeout(() => asked.destroy(), 2_000)
    asked.once('error', () => resolve(false))
    asked.once('close', () => {
      clearTimeout(deadline)
      resolve(false)
    })
    asked.end()
  })
}
