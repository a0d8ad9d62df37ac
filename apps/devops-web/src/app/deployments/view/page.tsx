import { RunPage } from '../../../features/deployments/run-page.tsx'

export default function Page() {
  return <RunPage />
}
