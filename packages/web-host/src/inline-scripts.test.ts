import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { hasInlineStyle, inlineScriptHashes } from './inline-scripts.ts'

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

test.each<[string, string[]]>([
  ['<script>a()</script>', ['a()']],
  ['<SCRIPT>a()</SCRIPT >', ['a()']],
  ['<script src="/x.js"></script><script>b()</script>', ['b()']],
  ['<script async SRC=/x.js>ignored</script>', []],
  ['<script data-src="x">a()</script>', ['a()']],
  ['<script data-x="src=>">a()</script>', ['a()']],
  ["<script data-x='a>b' nonce>a()</script>", ['a()']],
  ['<script>a("</scr" + "ipt>")</script>', ['a("</scr" + "ipt>")']],
  ['<script>if (a < b) c("<script src=x>")</script>', ['if (a < b) c("<script src=x>")']],
  ['<script>a()</script><script>a()</script>', ['a()']],
  ['<script>a()\r\nb()</script>', ['a()\nb()']],
  ['<script></script>', ['']],
  ['<scripts>a()</scripts>', []],
  ['<script/>a()</script>', ['a()']],
  ['<script>never closed', ['never closed']],
  ['no script', []],
])('%j has the inline scripts %j', (html, scripts) => {
  expect(inlineScriptHashes(html)).toEqual(scripts.map(hash))
})

test('a page with a style of its own is noticed, one that only speaks of styles is not', () => {
  expect(hasInlineStyle('<p style="color: red">')).toBe(true)
  expect(hasInlineStyle('<style>p{}</style>')).toBe(true)
  expect(hasInlineStyle('<p class="style">style="x"</p><script>"<p style=\\"x\\">"</script>')).toBe(false)
})
