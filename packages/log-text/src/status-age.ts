/**
 * Since when a container is as it is, in the engine's words: `Up 5 minutes (healthy)`, `Exited (0) About an hour ago`.
 * https://github.com/docker/go-units/blob/master/duration.go
 */
const age = /Less than a second|(?:About an?|[0-9]+) (?:second|minute|hour|day|week|month|year)s?/
const seconds: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3_600,
  day: 86_400,
  week: 604_800,
  month: 2_592_000,
  year: 31_536_000,
}

/** Whether nothing happened between two statuses but time. An age that shrank is a new beginning. */
export function onlyOlder(before: string, now: string): boolean {
  return before.replace(age, '') === now.replace(age, '') && secondsIn(now) >= secondsIn(before)
}

function secondsIn(status: string): number {
  const [words = ''] = age.exec(status) ?? []
  const unit = /[a-z]+?(?=s?$)/.exec(words)?.[0] ?? ''
  return words.startsWith('Less') ? 0 : Number(/[0-9]+/.exec(words)?.[0] ?? 1) * (seconds[unit] ?? 0)
}
