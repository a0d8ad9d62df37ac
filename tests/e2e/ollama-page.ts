import type { Locator } from 'playwright-core'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

export type OllamaPage = SeededBrowser & {
  /** The row of a model in the list. */
  row(name: string | RegExp): Locator
}

/** A console at something that answers as Ollama does; both are stopped together, also where the console did not come up. */
export async function startOllamaPage(ollama: { readonly port: number; stop(): Promise<void> }): Promise<OllamaPage> {
  const here = await startSeededBrowser({ OLLAMA_PORT: String(ollama.port) }).catch(async (error: unknown) => {
    await ollama.stop()
    throw error
  })
  return {
    ...here,
    row: (name) => here.page.getByRole('region', { name: 'Models' }).getByRole('row').filter({ hasText: name }),
    async stop() {
      await here.stop()
      await ollama.stop()
    },
  }
}
