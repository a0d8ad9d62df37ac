import { Cron } from 'croner'

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/**
 * When a line of a crontab is due next after an instant, in the zone of its host; null for `@reboot`, for what never comes, and for what
 * is not understood. As in `man 5 crontab`, day of month and day of week are either-or where both are restricted, and a field that begins
 * with `*` is none that restricts.
 */
export function nextRun(schedule: string, { after, timeZone }: { readonly after: Date; readonly timeZone: string }): Date | null {
  const pattern = nicknames[schedule] ?? schedule
  const [, , dayOfMonth = '', , dayOfWeek = ''] = pattern.split(' ')
  // More than cron knows, such as `L` or `#`, would be read as something here and be passed over there.
  if (!/^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$/.test(pattern) || /[0-9]L|L[^a-z]|W/.test(pattern)) return null
  try {
    const domAndDow = dayOfMonth.startsWith('*') || dayOfWeek.startsWith('*')
    return new Cron(pattern, { timezone: timeZone, mode: '5-part', domAndDow }).nextRun(after)
  } catch {
    return null
  }
}
