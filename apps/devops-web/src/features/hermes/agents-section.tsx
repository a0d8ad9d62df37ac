'use client'
import { useRead } from '@console/console/use-action.ts'
import { listParts } from '@console/contracts/console/actions'
import { PageHead } from '@console/ui/page-head.tsx'
import type { ReactNode } from 'react'
import { agentsReach, WithinReach } from '../../lib/agents-reach.tsx'

/** Around all pages of the section, each of which has a head of its own once the agents may be asked about. */
export function AgentsSection({ children }: { readonly children: ReactNode }) {
  if (agentsReach(useRead(listParts, {})) === 'open') return children
  return (
    <>
      <PageHead title="Hermes" />
      <WithinReach>{children}</WithinReach>
    </>
  )
}
