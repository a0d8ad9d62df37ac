/// <reference lib="dom" />
import type { Page } from 'playwright-core'

/** What has the focus, by role and name, as somebody would say it. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const here = document.activeElement
    if (!here || here === document.body) return 'nothing'
    const name = here.getAttribute('aria-label') ?? here.textContent ?? ''
    return `${here.getAttribute('role') ?? here.tagName.toLowerCase()} ${name.trim().replaceAll(/\s+/g, ' ').slice(0, 60)}`.trim()
  })
}

/** Whether the focus can be seen: a ring around what has it, or around the box that it stands in. */
function ringIsSeen(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const ringed = (one: Element | null): boolean => {
      if (!one) return false
      const { outlineStyle, outlineWidth } = getComputedStyle(one)
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1
    }
    const here = document.activeElement
    return ringed(here) || ringed(here?.closest('.sel, .search, .pin') ?? null)
  })
}

/** Goes through so many stops by Tab. @returns each stop, and those where the focus was not seen */
export async function tabThrough(page: Page, stops: number): Promise<{ stops: string[]; unseen: string[] }> {
  const seen: string[] = []
  const unseen: string[] = []
  for (let at = 0; at < stops; at += 1) {
    await page.keyboard.press('Tab')
    const here = await focused(page)
    seen.push(here)
    if (here !== 'nothing' && !(await ringIsSeen(page))) unseen.push(here)
  }
  return { stops: seen, unseen }
}

/** A dialog takes the focus a moment after it is seen. */
export function isInDialog(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement?.closest('[role="dialog"]') != null)
}

/** Where in the page behind an open dialog the focus came to, however often Tab is pressed; nothing when it never did. */
export async function strayFocus(page: Page, presses: number): Promise<string[]> {
  const strays: string[] = []
  for (let at = 0; at < presses; at += 1) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(() => document.activeElement?.closest('.app, .skip') != null)) strays.push(await focused(page))
  }
  return strays
}
