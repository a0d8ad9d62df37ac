import type { Container } from '@console/contracts/docker/schemas'
import type { ServiceInput } from '@console/contracts/services/schemas'

/** The containers that belong to a service, by compose project or by whole name. */
export function selectContainers(containers: readonly Container[], selection: ServiceInput['containers']): Container[] {
  if (selection.by === 'none') return []
  if (selection.by === 'project') return containers.filter(({ project }) => project === selection.project)
  return containers.filter(({ names }) => names.some((name) => selection.names.includes(name)))
}
