import type { SigningKey } from '@console/contracts/sign-in-settings/schemas'
import type { Collection } from '@console/store/port'
import { partition } from '../collections.ts'
import type { KeyRingDoc, SystemDoc } from '../documents.ts'

const id = 'key-ring'

/**
 * Which keys sign and verify, and since when: a start is the only occasion at which they change, so it is written down there.
 * @param kids the current one first, then the one before
 */
export async function noteKeyRing(system: Collection<SystemDoc>, kids: readonly string[], nowMs: number): Promise<readonly SigningKey[]> {
  const stored = await system.get(partition, id)
  const known = stored?.doc.kind === 'key-ring' ? stored.doc.keys : []
  const at = new Date(nowMs).toISOString()
  const keys = [...new Set(kids)].map((kid, place): SigningKey => {
    const state = place === 0 ? 'signs' : 'verifies'
    return { kid, state, since: known.find((key) => key.kid === kid && key.state === state)?.since ?? at }
  })
  if (JSON.stringify(keys) === JSON.stringify(known)) return keys
  const doc: KeyRingDoc = { v: 1, kind: 'key-ring', keys }
  await (stored ? system.replace(partition, id, doc, stored.etag) : system.insert(partition, id, doc))
  return keys
}
