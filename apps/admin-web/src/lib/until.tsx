import { formatDay, formatInstant } from '@console/ui/format.ts'
import { Status } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'

const soonMs = 7 * 86_400_000

/** When a membership ends; lit in its last week. */
export function Until({ at, ended = false }: { readonly at: string | null; readonly ended?: boolean }) {
  const now = useNow()
  if (at === null) return 'no end'
  const day = (
    <time dateTime={at} title={formatInstant(at)}>
      {formatDay(at)}
    </time>
  )
  if (ended) return <Status kind="cancelled">ended {day}</Status>
  return now > 0 && Date.parse(at) - now < soonMs ? <Status kind="warn">until {day}</Status> : day
}
