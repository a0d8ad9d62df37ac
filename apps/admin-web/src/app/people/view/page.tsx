import { PersonPage } from '../../../features/people/person-page.tsx'

export default function Page() {
  return <PersonPage />
}
