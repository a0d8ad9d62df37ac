import { ResetPage } from '../../features/reset/reset-page.tsx'

export default function Page() {
  return <ResetPage />
}
