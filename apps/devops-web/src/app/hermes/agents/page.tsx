import { AgentsPage } from '../../../features/hermes/agents-page.tsx'

export default function Page() {
  return <AgentsPage />
}
