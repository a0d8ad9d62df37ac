import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { idOf } from '@console/testkit/fake-container'
import { describeNeeding } from '@console/testkit/needs'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pageFindings } from './chromium-page.ts'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

const minute = 60_000
const sha = (prefix: string): string => `sha256:${idOf(prefix)}`
const GiB = 1_073_741_824
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 45_000 })

/** Some of everything, of which a part is in use or marked. */
function fill({ add, disk }: RecordingEngine): void {
  const mark = { 'com.bytelyst.protect': 'true' }
  const Mounts = [{ Type: 'volume', Name: 'data_in_use' }]
  add({ id: idOf('a0'), name: 'web', listed: { ImageID: sha('b0'), Image: 'web:3', Mounts } })
  for (const n of [1, 2, 3, 4, 5, 6, 7])
    add({ id: idOf(`a${n}`), name: `import-2026-0${n}`, state: 'exited', listed: { ImageID: sha('b0') } })
  add({ id: idOf('a8'), name: 'report-archive', state: 'exited', labels: mark, listed: { ImageID: sha('b0') } })
  disk.images.set(sha('b0'), { id: sha('b0'), tags: ['web:3'], sizeBytes: 2 * GiB })
  for (const n of [1, 2, 3])
    disk.images.set(sha(`b${n}`), { id: sha(`b${n}`), tags: [`registry.example.net/team/web:build-${n}`], sizeBytes: n * GiB })
  disk.images.set(sha('b4'), { id: sha('b4'), tags: [], sizeBytes: GiB / 2 })
  for (const name of ['data_in_use', 'postgres_15', 'scratch']) disk.volumes.set(name, { name, sizeBytes: GiB })
  disk.volumes.set('e'.repeat(64), { name: 'e'.repeat(64), sizeBytes: GiB / 4 })
  for (const n of ['1', '2']) disk.cache.set(`cache${n}`, { id: `cache${n}`, sizeBytes: GiB })
}

describeNeeding('chromium', 'the page of what Docker takes', () => {
  let here: SeededBrowser
  let engine: RecordingEngine
  let dir: string
  let page: Page
  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const findings = (name: string) => pageFindings(page, name)

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'system-page-'))
    engine = await startRecordingEngine({ socketPath: join(dir, 'engine.sock') })
    fill(engine)
    here = await startSeededBrowser({ DOCKER_SOCKET: engine.socketPath })
    page = here.page
  }, 5 * minute)
  afterAll(async () => {
    await here?.stop()
    await engine?.stop()
    rmSync(dir, { recursive: true, force: true })
  }, minute)

  it(
    'plans by keys, lists what goes and what stays, and removes exactly that after it was confirmed',
    async () => {
      const found: string[] = []
      await page.goto(`${here.running.devopsWeb}/`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.keyboard.press('g')
      await page.keyboard.press('k')
      await page.getByRole('heading', { name: /Docker can give back/ }).waitFor()
      await page.getByText('Nothing was cleaned up yet').waitFor()
      found.push(...(await findings('system')))

      const asked = () => engine.requests.filter(({ line }) => line.includes('/system/df')).length
      const before = asked()
      // Twice in five seconds is once.
      await eventually(async () => {
        await button('Measure again').press('Enter')
        return asked()
      }).toBe(before + 1)
      for (const name of ['Containers', 'Images', 'Volumes']) {
        await page.getByRole('checkbox', { name }).focus()
        await page.keyboard.press('Space')
      }
      await page.getByRole('radio', { name: /dangling only/ }).focus()
      await page.keyboard.press('ArrowRight')
      await page.getByRole('checkbox', { name: /scratch/ }).focus()
      await page.keyboard.press('Space')
      expect(new URL(page.url()).search).toContain('kinds=containers,images,volumes')
      await button('Plan cleanup…').focus()
      await page.keyboard.press('Enter')
      await page.getByRole('dialog', { name: /Delete 7 containers, 4 images and 2 volumes on/ }).waitFor()
      expect(await page.getByRole('region', { name: 'What is kept' }).textContent()).toContain('labelled com.bytelyst.protect')
      await button(/Show 2 more/).click()
      await page.getByText('import-2026-07').waitFor()
      const rightOf = async (size: Locator) => Math.round(((await size.boundingBox())?.x ?? 0) + ((await size.boundingBox())?.width ?? 0))
      const head = page.getByRole('region', { name: 'Objects to delete' }).locator('tr.grp').first()
      const edge = Math.round(((await head.boundingBox())?.x ?? 0) + ((await head.boundingBox())?.width ?? 0))
      expect(edge - (await rightOf(head.locator('.push')))).toBeLessThan(32)
      found.push(...(await findings('cleanup-plan')))

      const last = button(/^Delete 13 objects/)
      expect(await last.getAttribute('aria-disabled')).toBe('true')
      await page.getByLabel('Type scratch').fill('scratc')
      await page.getByLabel('Reason').fill('to make room')
      expect(await last.getAttribute('title')).toContain('Type the name scratch first')
      await page.getByLabel('Type scratch').fill('scratch')
      await eventually(() => last.getAttribute('aria-disabled')).toBe(null)
      const sent = engine.requests.length
      await last.click()
      await page.getByRole('dialog', { name: /13 of 13 objects deleted/ }).waitFor({ timeout: 45_000 })
      found.push(...(await findings('cleanup-receipt')))
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await button('Copy receipt').press('Enter')
      await page.getByText('The receipt is copied').waitFor()
      const copied = await page.evaluate(() => navigator.clipboard.readText())
      expect(copied).toMatch(/^13 of 13 objects deleted, .* freed\nContainers: 7 of 7, /)
      for (const fact of ['By: First Admin', 'Reason: to make room', /^Plan: [0-9a-f]{64}$/m]) expect(copied).toMatch(fact)
      const removals = engine.requests.slice(sent).filter(({ line }) => /^(DELETE|POST)/.test(line))
      expect(removals.length).toBe(13)
      expect([...engine.disk.volumes.keys()].sort()).toEqual(['data_in_use', 'postgres_15'])
      expect([[...engine.containers.keys()].sort(), [...engine.disk.images.keys()]]).toEqual([[idOf('a0'), idOf('a8')].sort(), [sha('b0')]])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.getByRole('cell', { name: '13 of 13 removed' }).waitFor()
      await page.getByRole('cell', { name: /First Admin/ }).waitFor()

      await page.route(/\/docker\/cleanups/, async (route) => {
        const response = await route.fetch()
        const told = (await response.json()) as { items: { digest: string }[] }
        const items = Array.from({ length: 7 }, (_, at) => ({ ...told.items[0], digest: String(at).repeat(64) }))
        await route.fulfill({ response, json: { ...told, items } })
      })
      await page.reload()
      const receipts = page.getByRole('region', { name: 'Receipts' })
      await receipts.getByRole('button', { name: 'All 7' }).press('Enter')
      await eventually(() => receipts.locator('tbody tr').count()).toBe(7)
      found.push(...(await findings('receipts')))
      await receipts.getByRole('button', { name: 'Newest 5' }).press('Enter')
      await eventually(() => receipts.locator('tbody tr').count()).toBe(5)
      await page.unrouteAll()
      expect(found).toEqual([])
    },
    4 * minute,
  )

  it(
    'says what it knew while the engine is away, and plans nothing',
    async () => {
      await engine.stop()
      await page.goto(`${here.running.devopsWeb}/system?kinds=volumes`)
      await button('Plan cleanup…').click()
      await page.getByRole('alert').filter({ hasText: 'DOCKER_ENGINE_AWAY' }).waitFor({ timeout: 45_000 })
      expect(await findings('cleanup-away')).toEqual([])
      await engine.start()
      await page.keyboard.press('Escape')
      expect(here.noise.filter((line) => !/503/.test(line))).toEqual([])
    },
    2 * minute,
  )
})
