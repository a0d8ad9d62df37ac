import { ServicePage } from '../../../features/services/service-page.tsx'

export default function Page() {
  return <ServicePage />
}
