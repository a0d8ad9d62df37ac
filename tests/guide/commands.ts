/** A command that a document shows: a whole block, or a piece of code in a sentence or a table. */
export type Shown = {
  readonly text: string
  readonly line: number
  readonly kind: 'block' | 'sentence'
  /** Why no test of the guide runs it, where the document says so in a mark that a reader does not see. */
  readonly notRun?: string
}
/** What every host of the kind that the guide asks for has, or what Docker and systemd bring. */
export const programsOfHost = new Set(
  'apt-get cat chown cp curl date df docker du echo getent git install journalctl loginctl ls mkdir openssl rm scp sed sha256sum sqlite3 ssh systemctl systemd-analyze tar timeout'.split(
    ' ',
  ),
)
/** Programs of the console and its Node. */
export const own = /^(node|node_modules\/\.bin\/node|npx|[\w/.-]+\.sh)$/
/** Blocks of other things than commands. */
const otherBlocks = new Set(['caddyfile', 'crontab', 'mermaid', 'json'])

/** A sentence shows names, too; a command is of more than one word and begins with a program, ours or the host's. */
export function isCommand(text: string): boolean {
  const [program = '', ...rest] = text.split(' ')
  return rest.length > 0 && (own.test(program) || programsOfHost.has(program))
}

/** All commands of a document, in the order in which they are read. @throws Error naming the line of a block whose kind is not known */
export function commandsOf(markdown: string): Shown[] {
  const shown: Shown[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at += 1) {
    const text = lines[at] ?? ''
    const opened = /^(\s*)```(.*)$/.exec(text)
    if (!opened) {
      for (const [, code = '', notRun] of text.matchAll(/`([^`]+)`(?:\s*<!-- not run: (.+?) -->)?/g))
        if (isCommand(code)) shown.push({ text: code, line: at + 1, kind: 'sentence', ...(notRun !== undefined && { notRun }) })
      continue
    }
    const [, indent = '', info = ''] = opened
    const from = at + 1
    do at += 1
    while (at < lines.length && lines[at] !== `${indent}\`\`\``)
    const [language = '', ...more] = info.trim().split(' ')
    if (otherBlocks.has(language)) continue
    const mark = more.join(' ')
    if (language !== 'sh' || !/^(not-run .+)?$/.test(mark))
      throw new Error(`line ${from}: a block of ${info || 'nothing'} is neither run nor known`)
    const block = lines.slice(from, at).map((line) => line.slice(indent.length))
    shown.push({ text: block.join('\n'), line: from + 1, kind: 'block', ...(mark !== '' && { notRun: mark.slice('not-run '.length) }) })
  }
  return shown
}
