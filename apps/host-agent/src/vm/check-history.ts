import { readFileSync } from 'node:fs'
import { writeDurably } from '@console/audit-chain/write-durably'

type Seen = { readonly status: string; readonly since: string }
type Checked = { readonly id: string; readonly status: string }
/** Since when each check has come out as it does, as far as somebody looked. It outlives the agent. */
export type CheckHistory = { take<C extends Checked>(checks: readonly C[], at: string): (C & { readonly since: string })[] }

/** @param log told when it cannot be kept; what is known goes on until the agent ends */
export function openCheckHistory(file: string, log: (msg: string, error: unknown) => void): CheckHistory {
  let known = read(file)
  return {
    take(checks, at) {
      const before = JSON.stringify([...known])
      const told = checks.map((check) => {
        const seen = known.get(check.id)
        return { ...check, since: seen?.status === check.status && seen.since < at ? seen.since : at }
      })
      known = new Map(told.map(({ id, status, since }) => [id, { status, since }]))
      const text = JSON.stringify([...known])
      if (text === before) return told
      try {
        writeDurably(file, text, 0o600)
      } catch (error) {
        log('the history of the checks could not be kept', error)
      }
      return told
    },
  }
}

function read(file: string): Map<string, Seen> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, Seen][])
  } catch {
    return new Map()
  }
}
