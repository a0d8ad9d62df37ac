import { ArrowDownToLine, ChevronDown, ChevronUp, Search, WrapText } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import type { StreamFilter } from './log-row.ts'
import { Segmented } from './segmented.tsx'

type Props = {
  readonly title: string
  readonly query: string
  readonly onQuery: (query: string) => void
  readonly hits: number
  readonly hit: number
  readonly onStep: (by: number) => void
  readonly filter: StreamFilter
  readonly onFilter: (filter: StreamFilter) => void
  readonly counts: { readonly out: number; readonly err: number }
  readonly wrap: boolean
  readonly onWrap: () => void
  readonly onFirstError: (() => void) | null
  readonly actions: ReactNode
}

/** Above a log: what it is, the search in its lines, its streams, and how it is shown. */
export function LogBar(props: Props) {
  const { title, query, filter, onFilter, counts, wrap, onWrap, onFirstError, actions } = props
  return (
    <div className="logbar">
      <span className="strong">{title}</span>
      <Find {...props} />
      {query !== '' && <Matches {...props} />}
      <Segmented
        small
        label="Streams"
        value={filter}
        onChange={onFilter}
        options={[
          { value: 'both', label: 'both' },
          { value: 'out', label: `stdout ${counts.out}` },
          { value: 'err', label: `stderr ${counts.err}` },
        ]}
      />
      <Button
        small
        onClick={onFirstError ?? undefined}
        disabledReason={onFirstError ? null : 'No line says error'}
        reasonHidden
        icon={<ArrowDownToLine className="ic s" aria-hidden="true" />}
      >
        First error
      </Button>
      <span className="push row">
        {actions}
        <Button
          look="quiet"
          small
          aria-pressed={wrap}
          aria-label="Wrap long lines"
          title="Wrap long lines"
          icon={<WrapText className="ic s" aria-hidden="true" />}
          onClick={onWrap}
        />
      </span>
    </div>
  )
}

function Find({ query, onQuery, onStep }: Props) {
  return (
    <span className="search logfind">
      <Search className="ic s" aria-hidden="true" />
      <input
        className="inp"
        placeholder="Search these lines"
        aria-label="Search these lines"
        value={query}
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1)
          else if (event.key === 'Escape' && query !== '') onQuery('')
        }}
      />
    </span>
  )
}

function Matches({ hits, hit, onStep }: Props) {
  return (
    <span className="row">
      <span className="small c2" role="status">
        {hits === 0 ? 'no match' : `${hit + 1} of ${hits}`}
      </span>
      <Button
        look="quiet"
        small
        aria-label="Previous match"
        icon={<ChevronUp className="ic s" aria-hidden="true" />}
        onClick={() => onStep(-1)}
      />
      <Button
        look="quiet"
        small
        aria-label="Next match"
        icon={<ChevronDown className="ic s" aria-hidden="true" />}
        onClick={() => onStep(1)}
      />
    </span>
  )
}
