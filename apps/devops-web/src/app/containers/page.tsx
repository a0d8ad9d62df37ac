import { ContainersPage } from '../../features/containers/containers-page.tsx'

export default function Page() {
  return <ContainersPage />
}
