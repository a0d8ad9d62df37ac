import { ProfilePage } from '@console/console/profile-page.tsx'

export default function Page() {
  return <ProfilePage />
}
