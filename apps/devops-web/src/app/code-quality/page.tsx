import { CodeQualityPage } from '../../features/code-quality/code-quality-page.tsx'

export default function Page() {
  return <CodeQualityPage />
}
