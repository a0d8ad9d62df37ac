import { ThrottlesPage } from '../../features/throttles/throttles-page.tsx'

export default function Page() {
  return <ThrottlesPage />
}
