import { cleanLogText } from '@console/log-text/clean-log-text'
import { maskSecrets } from '@console/log-text/mask-secrets'

/** A command as people may see it: secrets covered before it is cut, nothing that moves a cursor, on one line. */
export type Shown = { readonly text: string; readonly masked: number; readonly cut: boolean }

const longest = 400
/** What a line may be before it is looked at: patterns need not run over megabytes. */
const longestRead = 8_192
const value = `("[^"]{0,300}"?|'[^']{0,300}'?|[^\\s"']{1,300})`
/** How commands are given secrets, beside what any line of a log may hold. */
const patterns: readonly [RegExp, string][] = [
  [
    new RegExp(
      `(?<![\\w-])(--?[a-z0-9-]{0,30}(?:password|passwd|passphrase|secret|token|api-?key|credentials?)(?:=|\\s{1,5}))${value}`,
      'gi',
    ),
    '$1[masked]',
  ],
  [
    new RegExp(
      `\\b([A-Z0-9_]{0,60}(?:PASS|PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|TOKEN|_KEY|APIKEY|CREDENTIALS?)[A-Z0-9_]{0,20}=)${value}`,
      'g',
    ),
    '$1[masked]',
  ],
  [/(?<=\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^|;&]{0,300}\s-p)[^\s]{1,200}/g, '[masked]'],
  [/((?:\s|^)(?:-u|--user)[ =]?[^\s:]{1,100}:)[^\s@]{1,200}/g, '$1[masked]'],
]

export function showCommand(command: string): Shown {
  // These first: they know that a value in quotes has blanks.
  const given = patterns.reduce((text, [pattern, cover]) => text.replace(pattern, cover), command.slice(0, longestRead))
  const { text } = maskSecrets(given)
  const clean = cleanLogText(text).replace(/\s+/g, ' ').trim()
  const cut = clean.length > longest || command.length > longestRead
  return { text: clean.slice(0, longest).toWellFormed(), masked: text.split('[masked').length - 1, cut }
}

/** A name that others chose, short and on one line. */
export function showName(name: string, most = 200): string {
  return cleanLogText(name).replace(/\s+/g, ' ').trim().slice(0, most).toWellFormed()
}
