import { VmPage } from '../../features/vm/vm-page.tsx'

export default function Page() {
  return <VmPage />
}
