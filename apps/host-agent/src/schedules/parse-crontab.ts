/** A line of a crontab that starts something. */
export type CronLine = {
  readonly line: number
  /** Five fields, or a word such as `@daily`, as they stand there. */
  readonly schedule: string
  readonly account: string
  readonly command: string
}
export type Crontab = { readonly jobs: readonly CronLine[]; readonly strange: readonly { readonly line: number; readonly why: string }[] }

const assignment = /^\s*(?:[A-Za-z_][A-Za-z0-9_]{0,99}|"[^"]{1,100}"|'[^']{1,100}')\s*=/
const nicknames = new Set(['@reboot', '@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])
/** What stands in a field: numbers, names, lists, ranges, steps; `~` asks some crons for a number by chance. */
const field = /^[0-9A-Za-z*,/~-]{1,100}$/
const userName = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/

/**
 * `man 5 crontab`. With `account` null the sixth field names it, as in /etc/crontab and /etc/cron.d. What follows the first unescaped `%`
 * is input for the command and is left out: it is text, and often a secret.
 */
export function parseCrontab(text: string, account: string | null): Crontab {
  const jobs: CronLine[] = []
  const strange: { line: number; why: string }[] = []
  text.split('\n').forEach((raw, index) => {
    const line = raw.replace(/^[ \t]+|\r$/g, '')
    if (line === '' || line.startsWith('#') || assignment.test(line)) return
    const parsed = parseLine(line, account)
    if (typeof parsed === 'string') strange.push({ line: index + 1, why: parsed })
    else jobs.push({ line: index + 1, ...parsed })
  })
  return { jobs, strange }
}

function parseLine(line: string, account: string | null): Omit<CronLine, 'line'> | string {
  const count = line.startsWith('@') ? 1 : 5
  const words = splitHead(line, count + (account === null ? 1 : 0))
  if (!words) return 'It has too few fields.'
  const fields = words.head.slice(0, count)
  const known = count === 1 ? nicknames.has(fields[0] ?? '') : fields.every((one) => field.test(one))
  if (!known) return 'Its time is not understood.'
  const user = account ?? words.head[count] ?? ''
  if (!userName.test(user)) return 'Its account is no name.'
  const command = words.rest.replace(/(?<!\\)%.*$/s, '').replaceAll('\\%', '%')
  return command.trim() === '' ? 'It has no command.' : { schedule: fields.join(' '), account: user, command: command.trim() }
}

/** The first words of a line and what follows them. */
function splitHead(line: string, count: number): { head: string[]; rest: string } | null {
  const head: string[] = []
  let rest = line
  for (let index = 0; index < count; index += 1) {
    const end = rest.search(/[ \t]/)
    if (end < 0) return null
    head.push(rest.slice(0, end))
    rest = rest.slice(end).replace(/^[ \t]+/, '')
  }
  return rest === '' ? null : { head, rest }
}
