import { Button } from '@console/ui/button.tsx'

/** The ways through a list that comes in pages: back to its beginning, and on. Stands in the list's footer. */
export function PageButtons({
  cursor,
  next,
  onPage,
}: {
  /** Where this page begins; null or nothing for the first. */
  readonly cursor: string | null | undefined
  /** Where the next one begins; null or nothing where there is none. */
  readonly next: string | null | undefined
  readonly onPage: (cursor: string | null) => void
}) {
  return (
    <span className="push row">
      {cursor && (
        <Button small onClick={() => onPage(null)}>
          First page
        </Button>
      )}
      {next && (
        <Button small onClick={() => onPage(next)}>
          Next page
        </Button>
      )}
    </span>
  )
}
