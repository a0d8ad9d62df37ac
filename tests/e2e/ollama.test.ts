import { digestFor, type FakeOllama, modelFor, startFakeOllama } from '@console/testkit/fake-ollama'
import { describeNeeding } from '@console/testkit/needs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pageFindings } from './chromium-page.ts'
import { type OllamaPage, startOllamaPage } from './ollama-page.ts'

const minute = 60_000
const patient = { timeout: 45_000 }

describeNeeding('chromium', 'the page of Ollama', () => {
  let here: OllamaPage
  let ollama: FakeOllama
  let page: Page
  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const row = (name: RegExp) => here.row(name)
  const findings = (name: string) => pageFindings(page, name)

  beforeAll(async () => {
    ollama = await startFakeOllama(['qwen3:14b', 'nomic-embed-text:v1.5', 'hf.co/team/mistral-small:24b', 'mistral-copy:latest'])
    for (const [name, size] of Object.entries({ 'qwen3:14b': 8.6, 'nomic-embed-text:v1.5': 0.3, 'hf.co/team/mistral-small:24b': 13.4 }))
      ollama.models.set(name, modelFor(name, Math.round(size * 1_073_741_824)))
    const shared = ollama.models.get('hf.co/team/mistral-small:24b')
    if (shared) ollama.models.set('mistral-copy:latest', shared)
    ollama.layers = [8, 5].map((n) => ({ digest: digestFor(`layer ${n}`), size: n * 1_073_741_824 }))
    ollama.loaded.set('qwen3:14b', new Date(Date.now() + 240_000).toISOString())
    ollama.loaded.set('nomic-embed-text:v1.5', null)
    here = await startOllamaPage(ollama)
    page = here.page
  }, 3 * minute)
  afterAll(() => here?.stop(), minute)

  it(
    'pulls by keys with what is fetched told, and cancels; unloads, and deletes what was confirmed',
    async () => {
      const found: string[] = []
      await page.goto(`${here.running.devopsWeb}/`)
      await page.getByRole('heading', { level: 1 }).waitFor(patient)
      await page.keyboard.press('g')
      await page.keyboard.press('n')
      await page.getByText(/4 models, .* on disk · 2 loaded, .* of memory · version 0\.17\.4/).waitFor(patient)

      const go = ollama.hold()
      await button('Pull model…').press('Enter')
      const field = page.getByLabel('Model', { exact: true })
      await field.fill('../../etc/passwd')
      await page.getByText(/^Letters, digits, dots/).waitFor(patient)
      found.push(...(await findings('ollama-pull')))
      await field.fill('gpt-oss:20b')
      await button('Pull gpt-oss:20b').press('Enter')
      await page.getByRole('heading', { name: 'Pulling gpt-oss:20b' }).waitFor(patient)
      await page.getByText(/of 13\.0.GiB, layer 2 of 2/).waitFor(patient)
      await page.getByText('First Admin').first().waitFor(patient)
      found.push(...(await findings('ollama')))
      await button('Cancel pull').press('Enter')
      await page.getByRole('cell', { name: 'cancelled' }).waitFor(patient)
      await expect.poll(() => ollama.left, patient).toEqual(['gpt-oss:20b'])
      go()

      expect(await row(/qwen3/).getByRole('button', { name: 'Delete…' }).getAttribute('aria-disabled')).toBe('true')
      await row(/qwen3/).getByRole('button', { name: 'Unload' }).press('Enter')
      await expect.poll(() => ollama.loaded.has('qwen3:14b'), patient).toBe(false)
      await row(/qwen3/)
        .getByRole('cell', { name: 'loaded' })
        .waitFor({ state: 'detached', ...patient })

      await row(/hf\.co.*small/)
        .getByRole('button', { name: 'Delete…' })
        .press('Enter')
      await page.getByText('The same model has other names').waitFor(patient)
      found.push(...(await findings('ollama-delete')))
      await page.keyboard.press('Escape')
      await row(/qwen3/).getByRole('button', { name: 'Delete…' }).press('Enter')
      await page.getByRole('dialog', { name: /Delete qwen3:14b on/ }).waitFor(patient)
      await page.getByText(/^at most 8\.6.GiB; layers/).waitFor(patient)
      const last = page.getByRole('dialog').getByRole('button', { name: /^Delete qwen3:14b on/ })
      expect(await last.getAttribute('aria-disabled')).toBe('true')
      await page.getByLabel('Reason').fill('nobody uses it')
      await expect.poll(() => last.getAttribute('aria-disabled'), patient).toBe(null)
      await last.press('Enter')
      await page.getByRole('dialog').waitFor({ state: 'detached', ...patient })
      await row(/qwen3/).waitFor({ state: 'detached', ...patient })
      expect([...ollama.models.keys()]).toEqual(['nomic-embed-text:v1.5', 'hf.co/team/mistral-small:24b', 'mistral-copy:latest'])
      expect(ollama.requests.filter(({ method }) => method === 'DELETE').map(({ body }) => JSON.parse(body))).toEqual([
        { model: 'qwen3:14b' },
      ])
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    4 * minute,
  )

  it(
    'goes on with a pull that nobody watches, says what was known while Ollama is away, and that there is nothing',
    async () => {
      const go = ollama.hold()
      const { context, running, seeded } = here
      const begun = await seeded.post(`${running.devopsApi}/vm/ollama/models/pull`, { name: 'late:1b' })
      await page.goto(`${running.devopsWeb}/containers`)
      await page.getByRole('heading', { level: 1 }).waitFor(patient)
      go()
      const states = async () => {
        const list = (await (await context.request.get(`${running.devopsApi}/vm/ollama/models`)).json()) as {
          pulls: { name: string; state: string }[]
        }
        return list.pulls[0]
      }
      await expect.poll(states, patient).toMatchObject({ name: 'late:1b', state: 'succeeded' })
      expect(begun).toMatchObject({ pull: { name: 'late:1b' } })
      const found: string[] = []
      for (const path of ['/api/tags', '/api/version', '/api/ps']) ollama.instead(path, (_request, response) => void response.destroy())
      await page.goto(`${running.devopsWeb}/ollama`)
      await page.getByText(/^Ollama does not answer at 127\.0\.0\.1/).waitFor(patient)
      await page.getByText('was loaded').waitFor(patient)
      expect(
        await row(/late:1b/)
          .getByRole('button', { name: 'Delete…' })
          .first()
          .getAttribute('aria-disabled'),
      ).toBe('true')
      found.push(...(await findings('ollama-away')))
      for (const path of ['/api/tags', '/api/version', '/api/ps']) ollama.instead(path, null)
      ollama.models.clear()
      ollama.loaded.clear()
      await button('Try again').press('Enter')
      await page.getByText('Ollama has no models').waitFor(patient)
      found.push(...(await findings('ollama-empty')))
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    3 * minute,
  )
})
