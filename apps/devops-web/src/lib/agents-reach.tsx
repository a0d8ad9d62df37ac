'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import type { ResultOf } from '@console/contracts/action'
import { listParts } from '@console/contracts/console/actions'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import type { ReactNode } from 'react'

type Told = { readonly data: Pick<ResultOf<typeof listParts>, 'agents'> | undefined; readonly error: unknown }

/**
 * Whether the agents may be asked about from here: the gateway answers that to private networks alone, and elsewhere its own 404 is all that comes.
 * Null until it is known. Where the backend does not say, they are asked, and what goes wrong is said where it is read.
 */
export function agentsReach(parts: Told): 'open' | 'private' | null {
  return parts.data?.agents ?? (parts.data || parts.error ? 'open' : null)
}

/** Around what is of the agents: where the gateway holds it back, it says so and asks for nothing. */
export function WithinReach({ children }: { readonly children: ReactNode }) {
  const parts = useRead(listParts, {})
  const reach = agentsReach(parts)
  if (reach === 'open') return children
  return (
    <Panel>
      {reach === null ? (
        <QueryState query={parts} what="The agents" />
      ) : (
        <Blank kind="denied" title="The agents are shown in private networks alone">
          The gateway answers nothing of them to the address that you come from. Open this page from the host’s private network, such as
          Tailscale; PRIVATE_NETWORKS and HERMES_PUBLIC of the deployment say from where.
        </Blank>
      )}
    </Panel>
  )
}
