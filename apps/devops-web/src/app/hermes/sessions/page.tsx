import { SessionsPage } from '../../../features/hermes/sessions-page.tsx'

export default function Page() {
  return <SessionsPage />
}
