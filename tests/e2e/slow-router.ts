/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core'

/** A choice beside a list; its name begins with what it is called. */
export const filterOf = (page: Page, label: string): Locator => page.getByRole('combobox', { name: new RegExp(`^${label}`) })

type Slow = { writes: number; release: () => void }

/**
 * Makes the router of the page as slow as it is on a busy machine: it renders nothing until it is released, and the address that it rendered
 * last stands again where a page has just written a newer one.
 */
export async function slowRouter(page: Page): Promise<{ choose(label: string, value: string): Promise<void>; release(): Promise<void> }> {
  await page.evaluate(() => {
    const rendered = location.href
    const { replaceState } = history
    const { postMessage } = MessagePort.prototype
    const waiting: (() => void)[] = []
    const slow: Slow = {
      writes: 0,
      release() {
        history.replaceState = replaceState
        MessagePort.prototype.postMessage = postMessage
        for (const send of waiting) send()
      },
    }
    Object.assign(window, { slow })
    // React asks for its next piece of work by a message to itself.
    MessagePort.prototype.postMessage = function (...args: unknown[]) {
      waiting.push(() => Reflect.apply(postMessage, this, args))
    }
    history.replaceState = (data, unused, url) => {
      replaceState.call(history, data, unused, url)
      if (data?.__NA) return
      slow.writes += 1
      replaceState.call(history, history.state, '', rendered)
    }
  })
  let writes = 0
  return {
    async choose(label, value) {
      await filterOf(page, label).selectOption(value)
      writes += 1
      await page.waitForFunction((least) => (window as unknown as { slow: Slow }).slow.writes >= least, writes)
    },
    release: () => page.evaluate(() => (window as unknown as { slow: Slow }).slow.release()),
  }
}
