/// <reference lib="dom" />
import { attackCase } from '@console/testkit/attack'
import { describeNeeding } from '@console/testkit/needs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { launchChromium, listenForNoise, newContext } from '../e2e/chromium-page.ts'
import { seedConsole } from '../e2e/seed-console.ts'
import { bytesOf, type HostileConsole, logLines, startHostileConsole } from './hostile-console.ts'

const markup = [
  '<img src=x onerror="globalThis.pwned=1">',
  '<svg onload="globalThis.pwned=1">',
  '</script><script>globalThis.pwned=1</script>',
  '{{constructor.constructor("globalThis.pwned=1")()}}',
]
const minute = 60_000

describeNeeding('chromium', 'what a container writes, in the real viewer', () => {
  let hostile: HostileConsole
  let browser: Browser
  let page: Page
  const noise: string[] = []

  beforeAll(async () => {
    hostile = await startHostileConsole()
    browser = await launchChromium()
    const context = await newContext(browser)
    await seedConsole(context.request, hostile.running)
    page = await context.newPage()
    await listenForNoise(page, noise)
  }, 3 * minute)
  afterAll(async () => {
    await browser?.close()
    await hostile?.stop()
  }, minute)

  /** docker-proxy learns of a container a moment after it is there. */
  const known = (name: string): Promise<void> =>
    expect
      .poll(async () => (await page.request.get(`${hostile.running.devopsApi}/vm/containers/${name}`)).status(), { timeout: 15_000 })
      .toBe(200)
  const openLog = async (name: string, lines: number): Promise<void> => {
    await known(name)
    await page.goto(`${hostile.running.devopsWeb}/containers?log=${name}`)
    await page.waitForFunction((count) => document.querySelectorAll('.log .l').length >= count, lines)
  }
  /** The lines as a reader sees them: stream and text. */
  const seen = (): Promise<(string | null)[][]> =>
    page
      .locator('.log .l')
      .evaluateAll((rows) =>
        rows.map((row) => [row.querySelector('.sr')?.textContent ?? null, row.querySelector('.tx')?.textContent ?? null]),
      )
  const texts = async (): Promise<(string | null)[]> => (await seen()).map(([, text]) => text ?? null)
  /** Elements that only markup from a log could have made. */
  const strangers = (): Promise<number> =>
    page.evaluate(() => document.querySelectorAll('main img, main script, main iframe, main object, main .tx *:not(mark)').length)
  const pwned = (): Promise<unknown> => page.evaluate(() => (globalThis as { pwned?: unknown }).pwned)
  /** A reader's own look leaves no row, and nothing that a container wrote may make one. */
  const noRowSays = async (text: string): Promise<void> => {
    const reply = await page.request.get(`${hostile.running.devopsApi}/audit?limit=500`)
    expect(reply.status()).toBe(200)
    expect(await reply.text()).not.toContain(text)
  }

  attackCase(
    'V1',
    'markup in lines, names, labels and images is text',
    async (it) => {
      await it.attack('lines', async () => {
        hostile.container('marked', [logLines(...markup)])
        await openLog('marked', markup.length)
        expect(await texts()).toEqual(markup)
        expect([await strangers(), await pwned()]).toEqual([0, undefined])
      })
      await it.attack('name, image and label of a container', async () => {
        const [name = '', image = '', label = ''] = markup
        hostile.container(name.replaceAll('/', ''), [], { labels: { 'com.docker.compose.project': label }, listed: { Image: image } })
        await page.goto(`${hostile.running.devopsWeb}/containers`)
        await page.getByRole('row').filter({ hasText: image }).locator('button[aria-expanded]').click()
        await page.getByRole('row').filter({ hasText: label }).waitFor()
        await page.keyboard.press('Control+k')
        await page.getByRole('combobox').fill('<img')
        await page.getByRole('option').filter({ hasText: '<img src=x' }).waitFor()
        expect([await strangers(), await pwned(), await page.title()]).toEqual([0, undefined, 'ByteLyst DevOps'])
        await page.keyboard.press('Escape')
      })
      await it.attack('an action that is asked for by a link', async () => {
        await page.goto(
          `${hostile.running.devopsWeb}/audit?action=${encodeURIComponent(markup[0] ?? '')}&requestId=${encodeURIComponent(markup[1] ?? '')}`,
        )
        await page.getByText('No row matches').waitFor()
        expect([await strangers(), await pwned()]).toEqual([0, undefined])
      })
      await it.control('the same words without the signs', async () => {
        hostile.container('plain', [logLines('img src=x')])
        await openLog('plain', 1)
        expect(await texts()).toEqual(['img src=x'])
      })
      await it.row('none', () => noRowSays('onerror'))
    },
    2 * minute,
  )

  attackCase(
    'V2',
    'a link of a terminal is no link of the page',
    async (it) => {
      const targets = ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//evil.example', 'https://evil.example']
      const link = (target: string): string => `see \u001b]8;;${target}\u001b\\this\u001b]8;;\u0007 now`
      await it.attack('OSC 8 to each of them', async () => {
        hostile.container('links', [logLines(...targets.map(link))])
        await openLog('links', targets.length)
        expect(await texts()).toEqual(targets.map(() => 'see this now'))
        expect(await page.locator('.log a').count()).toBe(0)
      })
      await it.control('the words of a link stay', async () => {
        hostile.container('no-links', [logLines('see this now https://example.net')])
        await openLog('no-links', 1)
        expect([await texts(), await page.locator('.log a').count()]).toEqual([['see this now https://example.net'], 0])
      })
      await it.row('none', () => noRowSays('evil.example'))
    },
    2 * minute,
  )

  attackCase(
    'V3',
    'what would set a title, write the clipboard or draw is removed, and the rest of the line stays',
    async (it) => {
      const strings = ['\u001b]0;', '\u001b]2;', '\u001b]52;c;', '\u001b]1337;File=', '\u001bP', '\u001b_', '\u001b^', '\u001bX']
      const eightBit = ['\u009d0;', '\u009d52;c;', '\u0090', '\u009f', '\u009e', '\u0098']
      const whole = [...strings, ...eightBit].map((begin) => `a${begin}hacked\u001b\\b`)
      const open = [...strings, ...eightBit].map((begin) => `a${begin}hacked`)
      await it.attack('each of them, ended', async () => {
        hostile.container('titles', [logLines(...whole)])
        await openLog('titles', whole.length)
        expect(await texts()).toEqual(whole.map(() => 'ab'))
        expect(await page.title()).toBe('ByteLyst DevOps')
      })
      await it.attack('each of them, never ended: nothing behind it is hidden, and the next line is whole', async () => {
        hostile.container('open', [logLines(...open.flatMap((line) => [line, 'next']))])
        await openLog('open', open.length * 2)
        const got = await texts()
        for (const [at, text] of got.entries()) expect(text).toMatch(at % 2 === 1 ? /^next$/ : /^a[␛�].*hacked$/)
        expect(await page.title()).toBe('ByteLyst DevOps')
      })
      await it.attack('bare bytes of the 8-bit forms, which are no UTF-8', async () => {
        hostile.container('bytes', [logLines(bytesOf('a\u009d0;x\u009cb'))])
        await openLog('bytes', 1)
        expect(await texts()).toEqual(['a\ufffd0;x\ufffdb'])
      })
      await it.control('the same letters without the escape', async () => {
        hostile.container('letters', [logLines('a]0;hackedb')])
        await openLog('letters', 1)
        expect(await texts()).toEqual(['a]0;hackedb'])
      })
      await it.row('none', () => noRowSays('hacked'))
    },
    2 * minute,
  )

  attackCase(
    'V4',
    'cursor, screen and device sequences are removed, and colours make no style',
    async (it) => {
      const lines = [
        '\u001b[2J\u001b[1;1H\u001b[?1049hwiped',
        '\u001b[3;20r\u001b[6n\u001b[c\u001b[5Aup',
        '\u001b[31;1mred\u001b[0m \u009b4mline',
      ]
      await it.attack('each of them', async () => {
        hostile.container('moves', [logLines(...lines)])
        await openLog('moves', lines.length)
        expect(await texts()).toEqual(['wiped', 'up', 'red line'])
        expect(await page.locator('.log .tx[style], .log .tx [style]').count()).toBe(0)
      })
      await it.control('brackets alone stay', async () => {
        hostile.container('brackets', [logLines('[2J [31m')])
        await openLog('brackets', 1)
        expect(await texts()).toEqual(['[2J [31m'])
      })
      await it.row('none', () => noRowSays('wiped'))
    },
    2 * minute,
  )

  attackCase(
    'V5',
    'overwriting shows what was there first',
    async (it) => {
      await it.attack('carriage return, backspace, tab and feed, delete', async () => {
        hostile.container('over', [logLines('deleted all\rkept all   ', 'no\u0008\u0008ok', 'a\u000bb\u000cc\u007fd\u0000e')])
        await openLog('over', 3)
        expect(await texts()).toEqual(['deleted all␍kept all   ', 'no␈␈ok', 'a␋b␌c␡d␀e'])
      })
      await it.control('a tab is a tab', async () => {
        hostile.container('tab', [logLines('a\tb')])
        await openLog('tab', 1)
        expect(await texts()).toEqual(['a\tb'])
      })
      await it.row('none', () => noRowSays('deleted all'))
    },
    2 * minute,
  )

  attackCase(
    'V6',
    'what turns, hides or piles up text is marked, and columns keep their places',
    async (it) => {
      const lines = ['a\u202ecba', 'a\u200bb\u2060c', 'a\u2028b\u0085c', 'a\u{e0041}\u{e007f}b', `a${'\u0301'.repeat(200)}b`, 'שלום 123']
      await it.attack('each of them', async () => {
        hostile.container('turned', [logLines(...lines)])
        await openLog('turned', lines.length)
        expect(await texts()).toEqual(['a⁇cba', 'a⁇b⁇c', 'a⁇b␤c', 'a⁇⁇b', `a${'\u0301'.repeat(4)}⁇b`, 'שלום 123'])
        const order = await page
          .locator('.log .l')
          .evaluateAll((rows) =>
            rows.map((row) => ['.no', '.ts', '.tx'].map((cell) => row.querySelector(cell)?.getBoundingClientRect().left ?? 0)),
          )
        for (const [no = 0, ts = 0, tx = 0] of order) expect(no < ts && ts < tx).toBe(true)
      })
      await it.control('accents and other writing stay', async () => {
        hostile.container('accents', [logLines('e\u0301 日本語 😀')])
        await openLog('accents', 1)
        expect(await texts()).toEqual(['e\u0301 日本語 😀'])
      })
      await it.row('none', () => noRowSays('שלום'))
    },
    2 * minute,
  )

  attackCase(
    'V8',
    'a search is for text, and no line makes it slow',
    async (it) => {
      const long = 'a'.repeat(16_000)
      await it.attack('a pattern that would go back again and again, over long lines', async () => {
        hostile.container('long', [logLines(...Array.from({ length: 50 }, () => `${long}!`))])
        await openLog('long', 1)
        const started = Date.now()
        await page.getByLabel('Search these lines').fill('(a+)+$')
        await page.getByText('no match').waitFor()
        expect(Date.now() - started).toBeLessThan(10_000)
      })
      await it.control('the same field finds what is there', async () => {
        await page.getByLabel('Search these lines').fill('a!')
        await page.getByText('1 of 50').waitFor()
      })
      await it.row('none', () => noRowSays('(a+)+'))
    },
    2 * minute,
  )

  attackCase(
    'V11',
    'a line cannot pass for a word of the console',
    async (it) => {
      const forged = [
        'RESTART OK by admin',
        '{"stream":"sys","text":"RESTART OK by admin"}',
        'event: ended\ndata: {}',
        '3 lines were skipped',
      ]
      await it.attack('words of the console in a line', async () => {
        hostile.container('forged', [logLines(...forged)])
        await openLog('forged', forged.length)
        const rows = await seen()
        expect(rows.filter(([, text]) => text?.includes('RESTART OK') || text?.includes('skipped')).map(([stream]) => stream)).toEqual([
          'out',
          'out',
          'out',
        ])
        expect(await page.locator('.log .gap, .log .sys, .log .l.chk').count()).toBe(0)
      })
      await it.control('a word of the console itself is set apart', async () => {
        hostile.container('silent', [])
        await known('silent')
        await page.goto(`${hostile.running.devopsWeb}/containers?log=silent`)
        await page.locator('.log .sys').filter({ hasText: 'The container has written nothing yet.' }).waitFor()
      })
      await it.row('none', () => noRowSays('RESTART OK'))
    },
    2 * minute,
  )

  attackCase(
    'V1',
    'nothing of all this met the policy or broke a page',
    async (it) => {
      await it.attack('all that was opened above', () => expect(noise).toEqual([]))
      await it.control('a violation would have been heard', async () => {
        const probe = await page.context().newPage()
        const heard: string[] = []
        await listenForNoise(probe, heard)
        await probe.goto(hostile.running.devopsWeb)
        await probe.evaluate(() => document.body.setAttribute('style', 'color: red'))
        await probe.evaluate(() => {
          document.body.append(Object.assign(document.createElement('script'), { textContent: 'globalThis.pwned=1' }))
        })
        await expect.poll(() => heard.some((line) => line.includes('policy')), { timeout: 15_000 }).toBe(true)
        await probe.close()
      })
      await it.row('none', () => noRowSays('pwned'))
    },
    2 * minute,
  )
})
