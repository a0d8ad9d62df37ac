import { UpstreamPage } from '@console/console/upstream-page.tsx'

export default function Page() {
  return <UpstreamPage />
}
