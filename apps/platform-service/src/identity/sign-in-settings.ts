import type { SignInSettings } from '@console/contracts/sign-in-settings/schemas'
import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import { partition } from '../collections.ts'
import type { SignInSettingsDoc, SystemDoc } from '../documents.ts'
import { type SessionRules, sessionRules } from './judge-session.ts'
import { lostRace } from './store-errors.ts'

export type StoredSettings = {
  readonly settings: SignInSettings
  readonly changed: { at: string; by: string } | null
  readonly etag: string
}
export type SignInSettingsBook = {
  /** From memory: asked at every request. */
  current(): SignInSettings
  read(): Promise<StoredSettings>
  /** @throws AppError PRECONDITION_FAILED where they are others than those that were seen */
  write(settings: SignInSettings, seen: string, by: string): Promise<{ before: SignInSettings; stored: StoredSettings }>
  /** What follows from them for sessions, as it stands at the moment it is asked. */
  readonly sessionRules: SessionRules
}

const id = 'sign-in-settings'
/** Nobody has written them yet. */
const never = 'default'
const minuteMs = 60_000
const hourMs = 3_600_000
const defaults: SignInSettings = {
  idleMinutes: sessionRules.idleMs / minuteMs,
  sessionHours: sessionRules.absoluteMs / hourMs,
  passkeyAlone: true,
  secondFactor: 'admins',
  inviteHours: 720,
  resetMinutes: 30,
  inviteDomains: [],
}

/** How people sign in. One process owns the store, so what stands in memory is what was written last. */
export async function openSignInSettings(system: Collection<SystemDoc>, now: () => number): Promise<SignInSettingsBook> {
  const show = (stored: Stored<SystemDoc> | null): StoredSettings => {
    if (stored?.doc.kind !== 'sign-in-settings') return { settings: defaults, changed: null, etag: never }
    const { at, by, settings } = stored.doc
    return { settings: { ...defaults, ...settings }, changed: { at, by }, etag: stored.etag }
  }
  const read = async () => show(await system.get(partition, id))
  let known = (await read()).settings
  const current = () => known
  return {
    current,
    read,
    async write(settings, seen, by) {
      const stored = await system.get(partition, id)
      const { settings: before, etag } = show(stored)
      if (etag !== seen) throw changedMeanwhile()
      const doc: SignInSettingsDoc = { v: 1, kind: 'sign-in-settings', settings, at: new Date(now()).toISOString(), by }
      const written = await (stored ? system.replace(partition, id, doc, stored.etag) : system.insert(partition, id, doc)).catch(
        (error: unknown) => {
          throw lostRace(error) ? changedMeanwhile() : error
        },
      )
      known = settings
      return { before, stored: show(written) }
    },
    sessionRules: {
      ...sessionRules,
      get idleMs() {
        return current().idleMinutes * minuteMs
      },
      get absoluteMs() {
        return current().sessionHours * hourMs
      },
    },
  }
}

function changedMeanwhile(): AppError {
  return new AppError('PRECONDITION_FAILED', 412, 'Somebody else changed the settings meanwhile. Read them again.')
}
