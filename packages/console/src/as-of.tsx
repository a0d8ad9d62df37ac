import { Ago, useNow } from '@console/ui/time-text.tsx'

const freshMs = 45_000

/** Whether what the page shows is of this moment. What is older says of when it is. */
export function AsOf({ query }: { readonly query: { readonly dataUpdatedAt: number; readonly error: unknown } }) {
  const now = useNow()
  const { dataUpdatedAt, error } = query
  if (dataUpdatedAt === 0 || now === 0) return null
  if (!error && now - dataUpdatedAt < freshMs)
    return (
      <span className="live">
        <i />
        Live
      </span>
    )
  return (
    <span className="live is-warn fg">
      as of <Ago at={new Date(dataUpdatedAt).toISOString()} />
    </span>
  )
}
