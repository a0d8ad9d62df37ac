/// <reference lib="dom" />
import { inflateSync } from 'node:zlib'
import type { Page } from 'playwright-core'

/** Every picture that the browser put on the screen while something was done, as PNG, until it stood still. */
export async function framesOf(page: Page, act: () => Promise<unknown>): Promise<Buffer[]> {
  const frames: Buffer[] = []
  const session = await page.context().newCDPSession(page)
  session.on('Page.screencastFrame', ({ data, sessionId }) => {
    frames.push(Buffer.from(data, 'base64'))
    void session.send('Page.screencastFrameAck', { sessionId })
  })
  await session.send('Page.startScreencast', { format: 'png', everyNthFrame: 1 })
  await act()
  // Two more pictures are asked for, so that none that was on its way is missed.
  for (let more = 0; more < 2; more += 1)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))))
  await session.send('Page.stopScreencast')
  await session.detach()
  if (frames.length === 0) throw new Error('no frame was shown')
  return frames
}

/** Which theme a picture is in, by its first pixel: the corner is background on every page. A PNG's first pixel is as it is under each of its filters. */
export function themeOfFrame(png: Buffer): 'dark' | 'light' {
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; ) {
    const size = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + size))
    at += size + 12
  }
  const [, red = 0, green = 0, blue = 0] = inflateSync(Buffer.concat(parts))
  return red + green + blue > 3 * 128 ? 'light' : 'dark'
}
