import { createHash } from 'node:crypto'

/**
 * The hash sources (`'sha256-…'`) of the inline scripts of a page, each once, in order: what a Content-Security-Policy must name for them
 * to run. Scripts with `src` need none. Line ends are taken as a browser's parser makes them.
 */
export function inlineScriptHashes(html: string): string[] {
  const hashes = inlineScripts(html.replaceAll(/\r\n?/g, '\n')).map(
    (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  )
  return [...new Set(hashes)]
}

/** Whether the page holds a style that `style-src 'self'` would refuse: an element or an attribute. */
export function hasInlineStyle(html: string): boolean {
  return /<style[\s>]|<[a-z][^<>]*\sstyle\s*=/i.test(html.replaceAll(/<script[\s>][\s\S]*?<\/script/gi, '<script'))
}

function inlineScripts(html: string): string[] {
  const texts: string[] = []
  const opening = /<script(?=[\s/>])/gi
  for (let match = opening.exec(html); match !== null; match = opening.exec(html)) {
    const tag = tagAt(html, match.index + '<script'.length)
    const closing = /<\/script(?=[\s/>])/gi
    closing.lastIndex = tag.end
    const end = closing.exec(html)?.index ?? html.length
    if (!tag.names.has('src')) texts.push(html.slice(tag.end, end))
    opening.lastIndex = end
  }
  return texts
}

/** Attribute names of a tag from `at` on and where the tag ends; a `>` inside quotes is no end. */
function tagAt(html: string, at: number): { names: ReadonlySet<string>; end: number } {
  const names = new Set<string>()
  const part = /\s+|\/|([^\s"'>/=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]*))?|["'=]/y
  part.lastIndex = at
  let end = at
  for (let match = part.exec(html); match !== null; match = part.exec(html)) {
    if (match[1] !== undefined) names.add(match[1].toLowerCase())
    end = part.lastIndex
  }
  return { names, end: Math.min(end + 1, html.length) }
}
