import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import { ID } from '@console/verbs/patterns'
import { planLines } from './make-plan.ts'
import type { Begun } from './make-receipt.ts'

/** The plans that were confirmed, and beside each the lines that its script reads. They outlive the agent. */
export type BegunFiles = {
  /** Oldest first. */
  all(): readonly Begun[]
  find(planId: string): Begun | null
  /** @throws the system's error; nothing is left of it then */
  add(begun: Begun): void
  /** One that never began. */
  remove(planId: string): void
  linesFile(planId: string): string
}

const mostKept = 200
/** Of all plans together, which are held in memory. */
const mostKeptBytes = 16 * 1_024 * 1_024

export function openBegunFiles(dir: string, mostBytes = mostKeptBytes): BegunFiles {
  const folder = join(dir, 'begun')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fileOf = (planId: string): string => join(folder, `${planId}.json`)
  const linesFile = (planId: string): string => join(folder, `${planId}.tsv`)
  const known = readdirSync(folder)
    .filter((name) => name.endsWith('.json') && ID.test(name.slice(0, -5)))
    .flatMap((name) => readBegun(join(folder, name)))
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
  const sizes = new WeakMap<Begun, number>()
  const sizeOf = (begun: Begun): number => {
    const size = sizes.get(begun) ?? Buffer.byteLength(JSON.stringify(begun))
    sizes.set(begun, size)
    return size
  }
  const forget = (planId: string): void => {
    for (const file of [fileOf(planId), linesFile(planId)]) rmSync(file, { force: true })
  }
  const trim = (): void => {
    let bytes = known.reduce((sum, begun) => sum + sizeOf(begun), 0)
    while (known.length > mostKept || (known.length > 1 && bytes > mostBytes)) {
      const old = known.shift()
      if (!old) return
      bytes -= sizeOf(old)
      forget(old.plan.planId)
    }
  }
  trim()
  return {
    all: () => known,
    find: (planId) => known.find(({ plan }) => plan.planId === planId) ?? null,
    linesFile,
    add(begun) {
      const { planId } = begun.plan
      try {
        writeDurably(linesFile(planId), planLines(begun.plan), 0o600)
        writeDurably(fileOf(planId), JSON.stringify(begun), 0o600)
      } catch (error) {
        forget(planId)
        throw error
      }
      known.push(begun)
      trim()
    },
    remove(planId) {
      const at = known.findIndex(({ plan }) => plan.planId === planId)
      if (at >= 0) known.splice(at, 1)
      forget(planId)
    },
  }
}

function readBegun(file: string): Begun[] {
  try {
    return [JSON.parse(readFileSync(file, 'utf8')) as Begun]
  } catch {
    return []
  }
}
