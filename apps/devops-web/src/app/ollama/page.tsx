import { OllamaPage } from '../../features/ollama/ollama-page.tsx'

export default function Page() {
  return <OllamaPage />
}
