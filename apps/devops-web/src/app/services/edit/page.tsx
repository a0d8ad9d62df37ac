import { ServiceFormPage } from '../../../features/services/service-form-page.tsx'

export default function Page() {
  return <ServiceFormPage />
}
