import { SignalsPage } from '../../../features/hermes/signals-page.tsx'

export default function Page() {
  return <SignalsPage />
}
