import { readdirSync, readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeFindings, height, overflows, patienceMs, showTheme, takePictures } from './chromium-page.ts'

export const patient = { timeout: patienceMs, interval: 200 }

/** What axe finds: every rule in dark, and in light what depends on colours. With PICTURES_DIR a picture of the page is made there. */
export async function lookAt(page: Page, name: string): Promise<void> {
  await takePictures(page, process.env.PICTURES_DIR, name)
  await page.setViewportSize({ width: 1_440, height })
  await showTheme(page, 'dark')
  const found = (await axeFindings(page)).map((finding) => `${name} dark ${finding}`)
  await showTheme(page, 'light')
  for (const finding of await axeFindings(page, ['color-contrast'])) found.push(`${name} light ${finding}`)
  await showTheme(page, 'dark')
  expect(found).toEqual([])
}

/** Whether a page is no wider than a phone: nothing may be reached only by scrolling sideways. */
export async function fitsAPhone(page: Page): Promise<boolean> {
  const fits = (await overflows(page, [390])).length === 0
  await page.setViewportSize({ width: 1_440, height })
  return fits
}

/** How a run stands, as the head of its page says. */
export function stateIs(page: Page, word: string): Promise<void> {
  return page.locator('h1 .chip').filter({ hasText: word }).waitFor({ timeout: patienceMs })
}

/** The processes whose command line holds a mark, as the system lists them. */
export function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)
      } catch {
        return false
      }
    })
    .map(Number)
}
