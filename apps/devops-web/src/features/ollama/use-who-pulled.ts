import { useRead } from '@console/console/use-action.ts'
import { listAuditRows } from '@console/contracts/audit/actions'
import { pullModel } from '@console/contracts/ollama/actions'
import type { ModelPull } from '@console/contracts/ollama/schemas'
import type { ActorRef } from '@console/contracts/shapes'

/** Who began each pull: host-agent knows the id of a person, the audit log the name. */
export function useWhoPulled(): (pull: Pick<ModelPull, 'by'>) => ActorRef {
  const rows = useRead(listAuditRows, { query: { action: pullModel.id, limit: '100' } })
  const known = new Map((rows.data?.items ?? []).map(({ actor }) => [actor.id, actor]))
  return ({ by }) => known.get(by) ?? { kind: 'person', id: by, name: null }
}
