import { InvitesPage } from '../../features/invites/invites-page.tsx'

export default function Page() {
  return <InvitesPage />
}
