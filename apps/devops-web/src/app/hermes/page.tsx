import { HermesPage } from '../../features/hermes/hermes-page.tsx'

export default function Page() {
  return <HermesPage />
}
