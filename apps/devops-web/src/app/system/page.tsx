import { SystemPage } from '../../features/system/system-page.tsx'

export default function Page() {
  return <SystemPage />
}
