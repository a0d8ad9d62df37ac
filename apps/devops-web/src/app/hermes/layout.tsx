import type { ReactNode } from 'react'
import { AgentsSection } from '../../features/hermes/agents-section.tsx'

export default function Layout({ children }: { readonly children: ReactNode }) {
  return <AgentsSection>{children}</AgentsSection>
}
