import { MembershipsPage } from '../../features/memberships/memberships-page.tsx'

export default function Page() {
  return <MembershipsPage />
}
