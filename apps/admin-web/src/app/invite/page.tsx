import { InvitePage } from '../../features/invite/invite-page.tsx'

export default function Page() {
  return <InvitePage />
}
