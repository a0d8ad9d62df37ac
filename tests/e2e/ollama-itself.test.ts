import { describeNeeding } from '@console/testkit/needs'
import { type OllamaPlace, realOllamaPlace } from '@console/testkit/ollama-place'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pageFindings, patienceMs } from './chromium-page.ts'
import { type OllamaPage, startOllamaPage } from './ollama-page.ts'

const minute = 60_000
const patient = { timeout: patienceMs }
const [one, two] = ['page-model:one', 'page-model:two'] as const

describeNeeding(['chromium', 'ollama'], 'the page of Ollama at the real one', () => {
  let here: OllamaPage
  let ollama: OllamaPlace
  let page: Page
  const row = (name: string) => here.row(name)

  beforeAll(async () => {
    ollama = await realOllamaPlace('page-model:')
    // A model of its own, so that no other suite meets a name of the same files.
    await ollama.call('/api/create', { model: one, from: ollama.names[1], system: 'made for a page', stream: false })
    here = await startOllamaPage(ollama)
    page = here.page
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'lists, unloads and deletes what is there, and says why a pull came to nothing',
    async () => {
      const found: string[] = []
      await ollama.call('/api/generate', { model: one, prompt: 'hi', stream: false, keep_alive: '5m' })
      await page.goto(`${here.running.devopsWeb}/ollama`)
      await row(one).getByText('unloads in 4 m').waitFor(patient)
      await page.getByText(/[0-9] models?, .* on disk · .* loaded, .* of memory · version [0-9.]+, answers in [0-9]+ ms/).waitFor(patient)
      expect(await row(one).getByRole('button', { name: 'Delete…' }).getAttribute('aria-disabled')).toBe('true')
      found.push(...(await pageFindings(page, 'ollama-itself')))
      await row(one).getByRole('button', { name: 'Unload' }).press('Enter')
      await row(one)
        .getByRole('cell', { name: 'loaded' })
        .waitFor({ state: 'detached', ...patient })

      await ollama.call('/api/copy', { source: one, destination: two })
      await row(two).waitFor(patient)
      await row(one).getByRole('button', { name: 'Delete…' }).press('Enter')
      const dialog = page.getByRole('dialog', { name: `Delete ${one} on` })
      await dialog.getByText('The same model has other names').waitFor(patient)
      found.push(...(await pageFindings(page, 'ollama-itself-delete')))
      await dialog.getByLabel('Reason').fill('a copy is enough')
      const last = dialog.getByRole('button', { name: `Delete ${one} on` })
      await expect.poll(() => last.getAttribute('aria-disabled'), patient).toBe(null)
      await last.press('Enter')
      await row(one).waitFor({ state: 'detached', ...patient })
      await row(two).waitFor(patient)

      await page.getByRole('button', { name: 'Pull model…' }).press('Enter')
      await page.getByLabel('Model', { exact: true }).fill('nothing-here-at-all:none')
      await page.getByRole('button', { name: 'Pull nothing-here-at-all:none' }).press('Enter')
      await page.getByRole('dialog').waitFor({ state: 'detached', ...patient })
      const ended = page.getByRole('region', { name: 'Pulls' }).getByRole('row').filter({ hasText: 'nothing-here-at-all:none' })
      await ended.getByText('failed').waitFor({ timeout: 2 * minute })
      found.push(...(await pageFindings(page, 'ollama-itself-failed')))
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    4 * minute,
  )
})
