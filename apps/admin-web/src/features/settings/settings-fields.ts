import { SignInSettings } from '@console/contracts/sign-in-settings/schemas'

/** What was typed and is not saved yet, as it stands in the fields. */
export type Typed = Partial<Record<keyof SignInSettings, string>>

export const numbers = [
  ['idleMinutes', 'Idle time, in minutes', 'A session that nobody uses ends. 5 to 480.'],
  ['sessionHours', 'Longest session, in hours', 'Every session ends then. 1 to 168.'],
  ['inviteHours', 'Longest invite, in hours', 'The link of an invite ends then. 1 to 720.'],
  ['resetMinutes', 'Reset link, in minutes', 'A link for a new password ends then. 5 to 30.'],
] as const

/** A setting as its field shows it. */
export function shownOf(settings: SignInSettings, field: keyof SignInSettings): string {
  const value = settings[field]
  return Array.isArray(value) ? value.join(', ') : String(value)
}

/** Fields whose text differs from what is saved. */
export function changedIn(settings: SignInSettings, typed: Typed): (keyof SignInSettings)[] {
  const fields = Object.keys(typed) as (keyof SignInSettings)[]
  return fields.filter((field) => typed[field] !== undefined && typed[field] !== shownOf(settings, field))
}

/** What would be saved, or the rule that each field breaks. */
export function readTyped(
  settings: SignInSettings,
  typed: Typed,
): { body: SignInSettings | null; errors: Partial<Record<string, string>> } {
  const text = (field: keyof SignInSettings): string => typed[field] ?? shownOf(settings, field)
  const read = SignInSettings.safeParse({
    ...Object.fromEntries(numbers.map(([field]) => [field, /^\d+$/.test(text(field).trim()) ? Number(text(field)) : Number.NaN])),
    passkeyAlone: text('passkeyAlone') === 'true',
    secondFactor: text('secondFactor'),
    inviteDomains: text('inviteDomains')
      .split(/[\s,]+/)
      .filter(Boolean),
  })
  if (read.success) return { body: read.data, errors: {} }
  const errors = Object.fromEntries(read.error.issues.map(({ path, message }) => [String(path[0]), wordsOf(String(path[0]), message)]))
  return { body: null, errors }
}

function wordsOf(field: string, message: string): string {
  if (field === 'inviteDomains') return 'Write each as example.com, separated by commas.'
  const hint = numbers.find(([name]) => name === field)?.[2]
  return hint ? `Must be a whole number. ${hint}` : message
}
