import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'

/**
 * Plans that were shown, by digest. They lie on disk, so that one that was confirmed is still known after a restart; where the disk is full
 * they are held until the restart, since what makes room must be planned then too.
 */
export type PlanShelf<P> = {
  keep(digest: string, plan: P): void
  /** Null for one that is not there, or whose file no longer has this digest. */
  find(digest: string): { readonly plan: P; readonly used: boolean } | null
  /** From now on it was carried out. */
  use(digest: string): void
}

const mostPlans = 200
/** Of all plans on disk: what a plan holds is what others say is there. */
const mostBytes = 128 * 1_024 * 1_024
const mostHeld = 20
/** Of plans that cannot be written, since a plan can hold ten thousand objects. */
const mostHeldBytes = 16 * 1_024 * 1_024

/** @param digestOf what the plan's text comes to @param most bytes on disk, the newest plan whatever its size */
export function openPlanShelf<P>(dir: string, digestOf: (plan: P) => string, most = mostBytes): PlanShelf<P> {
  const folder = join(dir, 'plans')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fileOf = (digest: string) => join(folder, `${digest}.json`)
  const held = new Map<string, { plan: P; used: boolean; bytes: number }>()
  const find: PlanShelf<P>['find'] = (digest) => {
    try {
      const kept = JSON.parse(readFileSync(fileOf(digest), 'utf8')) as { plan: P; used: boolean }
      return digestOf(kept.plan) === digest ? kept : null
    } catch {
      const { plan, used } = held.get(digest) ?? {}
      return plan === undefined || used === undefined ? null : { plan, used }
    }
  }
  const write = (digest: string, kept: { plan: P; used: boolean }): void => {
    writeDurably(fileOf(digest), JSON.stringify(kept), 0o600)
    // What was held before would come back as it was then, once the file has gone as the oldest.
    held.delete(digest)
  }
  const hold = (digest: string, kept: { plan: P; used: boolean }): void => {
    held.delete(digest)
    held.set(digest, { ...kept, bytes: Buffer.byteLength(JSON.stringify(kept.plan)) })
    let bytes = [...held.values()].reduce((sum, one) => sum + one.bytes, 0)
    for (const [old, { bytes: its }] of held) {
      if (old === digest || (held.size <= mostHeld && bytes <= mostHeldBytes)) break
      held.delete(old)
      bytes -= its
    }
  }
  return {
    find,
    keep(digest, plan) {
      try {
        write(digest, { plan, used: false })
      } catch {
        rmSync(fileOf(digest), { force: true })
        hold(digest, { plan, used: false })
      }
      trim(folder, most)
    },
    use(digest) {
      const kept = find(digest)
      if (!kept) return
      try {
        write(digest, { ...kept, used: true })
      } catch {
        // One that cannot be marked must not be good a second time.
        hold(digest, { ...kept, used: true })
        rmSync(fileOf(digest), { force: true })
      }
    },
  }
}

/** The oldest go. */
function trim(folder: string, most: number): void {
  const files = readdirSync(folder)
    .map((name) => join(folder, name))
    .map((path) => ({ path, ...sizeAndTime(path) }))
    .sort((a, b) => a.mtimeMs - b.mtimeMs)
  let bytes = files.reduce((sum, { size }) => sum + size, 0)
  for (const [at, { path, size }] of files.entries()) {
    const left = files.length - at
    if (left <= mostPlans && (left === 1 || bytes <= most)) return
    rmSync(path, { force: true })
    bytes -= size
  }
}

function sizeAndTime(path: string): { size: number; mtimeMs: number } {
  const { size, mtimeMs } = statSync(path)
  return { size, mtimeMs }
}
