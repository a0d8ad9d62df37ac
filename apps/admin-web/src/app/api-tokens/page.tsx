import { ApiTokensPage } from '../../features/api-tokens/api-tokens-page.tsx'

export default function Page() {
  return <ApiTokensPage />
}
