import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFolder } from '@console/audit-chain/write-durably'
import { isKeptPart, type KeptPart } from './kept-parts.ts'
import type { PartFolder } from './log-files.ts'
import { BackupRefused } from './refused.ts'

type Swap = { readonly part: KeptPart; readonly scratch: string }
/** `filling`: nothing has its name yet, and all of it may go · `swapping`: all of it is on the disk, and each folder gets its name. */
type Plan = { readonly step: 'filling' | 'swapping'; readonly swaps: readonly Swap[] }
export type Swapping = {
  readonly scratches: ReadonlyMap<KeptPart, string>
  /** Gives each folder its name. From here on it is finished, at once or after a crash; before, it is undone. */
  swap(): void
  /** Takes away what was filled, unless the swap began. */
  undo(): void
}

/**
 * Folders that replace others all or none, whenever the process ends: what is under way stands in the file of the plan before it is done.
 * @throws BackupRefused occupied where a plan is there already
 */
export function beginSwap(plan: string, places: readonly PartFolder[]): Swapping {
  const swaps = places.map(({ part }) => ({ part, scratch: `.restore-${randomBytes(6).toString('hex')}` }))
  for (const { folder } of places) mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
  write(plan, { step: 'filling', swaps }, (unnamed) => {
    try {
      linkSync(unnamed, plan)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
      throw new BackupRefused('occupied', `${plan} tells of a restore that has not ended.`, { cause })
    } finally {
      unlinkSync(unnamed)
    }
  })
  const all = inPlace(swaps, places)
  for (const { scratch } of all) mkdirSync(scratch, { mode: 0o700 })
  let begun = false
  return {
    scratches: new Map(all.map(({ part, scratch }) => [part, scratch])),
    swap() {
      write(plan, { step: 'swapping', swaps }, (unnamed) => renameSync(unnamed, plan))
      begun = true
      swapAll(all)
      forget(plan)
    },
    undo() {
      if (!begun) removeAll(plan, all)
    },
  }
}

/**
 * Ends what a process began that did not come to its end. To be called before anything makes use of the folders.
 * @returns what was done: `undone`, nothing was restored; `finished`, all of it was
 * @throws Error where a folder is taken meanwhile, or the file is no plan
 */
export function endSwap(plan: string, places: readonly PartFolder[]): 'nothing' | 'undone' | 'finished' {
  rmSync(`${plan}.new`, { force: true })
  if (!existsSync(plan)) return 'nothing'
  const { step, swaps } = read(plan)
  const all = inPlace(swaps, places)
  if (step === 'filling') {
    removeAll(plan, all)
    return 'undone'
  }
  swapAll(all)
  forget(plan)
  return 'finished'
}

type Placed = { readonly part: KeptPart; readonly scratch: string; readonly folder: string }

function inPlace(swaps: readonly Swap[], places: readonly PartFolder[]): Placed[] {
  return swaps.map(({ part, scratch }) => {
    const place = places.find((one) => one.part === part)
    if (!place) throw new Error(`There is no place for ${part}, which was being restored.`)
    return { part, scratch: join(dirname(place.folder), scratch), folder: place.folder }
  })
}

function swapAll(all: readonly Placed[]): void {
  for (const { scratch, folder } of all) {
    // It has its name already.
    if (!existsSync(scratch)) continue
    // Only an empty one goes.
    if (existsSync(folder)) rmdirSync(folder)
    renameSync(scratch, folder)
    syncFolder(dirname(folder))
  }
}

function removeAll(plan: string, all: readonly Placed[]): void {
  for (const { scratch } of all) rmSync(scratch, { recursive: true, force: true })
  forget(plan)
}

function forget(plan: string): void {
  rmSync(plan, { force: true })
  syncFolder(dirname(plan))
}

/** On the disk as a whole before it has its name. */
function write(plan: string, what: Plan, name: (unnamed: string) => void): void {
  const unnamed = `${plan}.new`
  const fd = openSync(unnamed, 'w', 0o600)
  try {
    writeSync(fd, JSON.stringify(what))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  name(unnamed)
  syncFolder(dirname(plan))
}

/** It names folders that are removed or moved: beside those of the parts, and by a name of ours. */
function read(plan: string): Plan {
  const { step, swaps } = JSON.parse(readFileSync(plan, 'utf8')) as Plan
  const isPlan =
    ['filling', 'swapping'].includes(step) &&
    swaps.every(({ part, scratch }) => isKeptPart(part) && /^\.restore-[0-9a-f]{12}$/.test(scratch))
  if (!isPlan) throw new Error(`${plan} is no plan of a restore.`)
  return { step, swaps }
}
