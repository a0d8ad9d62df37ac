import { DaemonError } from '@console/verb-kit/problem'
import type { Instance } from './instances.ts'
import { ownerOf } from './owner.ts'
import { startMemoryProbe } from './start-probe.ts'

/**
 * What one agent remembers and what it knows of its person, word for word; read at this moment and kept nowhere. Only this host's own
 * configuration opens it: whoever asks is not believed about that. @throws DaemonError HERMES_MEMORY_OFF where it does not
 */
export async function readMemoryBodies(instance: Instance, { uid, now }: { readonly uid: number; readonly now: () => Date }) {
  const { id, label, memoryBodies } = instance
  if (!memoryBodies)
    throw new DaemonError(
      'HERMES_MEMORY_OFF',
      403,
      `What the memory of ${id} says is not opened on this host. "memoryBodies": true in its entry of HERMES_INSTANCES opens it to admins.`,
      { untouched: true },
    )
  const owner = ownerOf(instance.user, uid)
  const found = typeof owner === 'string' ? owner : await startMemoryProbe(instance.home ?? `${owner.home}/.hermes`, owner)
  const told = { instance: id, label, generatedAt: now().toISOString() }
  if (typeof found === 'string') return { ...told, reason: found, memory: null, user: null }
  return { ...told, reason: null, memory: found.memory, user: found.user }
}
