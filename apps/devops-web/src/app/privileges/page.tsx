import { PrivilegesPage } from '../../features/privileges/privileges-page.tsx'

export default function Page() {
  return <PrivilegesPage />
}
