import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { Button } from './button.tsx'
import { LogBar } from './log-bar.tsx'
import { LogLines } from './log-lines.tsx'
import { inFilter, type LogRow, levelOf, type StreamFilter, shownText } from './log-row.ts'
import { LogSummary } from './log-summary.tsx'
import { Glyph } from './status.tsx'
import { useFollow } from './use-follow.ts'
import { useLogKeys } from './use-log-keys.ts'

const rowPx = 20
type Props = {
  readonly rows: readonly LogRow[]
  readonly title: string
  readonly footer?: ReactNode
  readonly live: boolean
  readonly firstErrorNo?: number | null | undefined
  readonly empty: ReactNode
  /** More buttons of the bar. */
  readonly actions?: ReactNode
}

/** Lines that follow their end until the reader scrolls up; searched, filtered, drawn only where they are seen. */
export function LogView({ rows, title, footer, live, firstErrorNo, empty, actions }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const [filter, setFilter] = useState<StreamFilter>('both')
  const [typed, setTyped] = useState('')
  const [hit, setHit] = useState(0)
  const [wrap, setWrap] = useState(true)
  const query = typed.toLowerCase()
  const shown = useMemo(() => rows.filter(inFilter(filter)), [rows, filter])
  const hits = useMemo(() => hitsIn(shown, query), [shown, query])
  const counts = useMemo(() => countsOf(rows), [rows])
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    getItemKey: (at) => shown[at]?.key ?? at,
    overscan: 30,
  })
  const { following, setFollowing, onScroll, waiting } = useFollow(shown.length, () =>
    virtual.scrollToIndex(shown.length - 1, { align: 'end' }),
  )
  const jump = (at: number, align: 'center' | 'start' = 'center'): void => {
    setFollowing(false)
    virtual.scrollToIndex(at, { align })
  }
  const step = (by: number): void => {
    if (hits.length === 0) return
    const next = (hit + by + hits.length) % hits.length
    setHit(next)
    jump(hits[next] ?? 0)
  }
  const errorAt = useMemo(() => firstErrorIn(shown, firstErrorNo ?? null), [shown, firstErrorNo])
  const firstError = errorAt < 0 ? null : () => jump(errorAt)
  useLogKeys({
    firstError: () => firstError?.(),
    step,
    toggleFollow: () => setFollowing(!following),
    top: () => jump(0, 'start'),
    end: () => setFollowing(true),
  })
  return (
    <section className="panel bleed" aria-label={title}>
      <LogBar
        title={title}
        query={typed}
        onQuery={(next) => {
          setTyped(next)
          setHit(0)
        }}
        hits={hits.length}
        hit={hit}
        onStep={step}
        filter={filter}
        onFilter={setFilter}
        counts={counts}
        wrap={wrap}
        onWrap={() => setWrap(!wrap)}
        onFirstError={firstError}
        actions={actions}
      />
      <div
        ref={box}
        className={`log scroll ${wrap ? '' : 'nowrap'}`}
        role="log"
        aria-live="off"
        aria-label={title}
        tabIndex={0}
        onScroll={onScroll}
      >
        {shown.length === 0 ? (
          <div className="sys">{empty}</div>
        ) : (
          <LogLines rows={shown} virtual={virtual} hit={hits[hit]} query={query} />
        )}
      </div>
      <LogFoot live={live} following={following} waiting={waiting} onEnd={() => setFollowing(true)}>
        {footer}
      </LogFoot>
      <LogSummary lines={rows.length} errors={counts.errors} live={live} />
    </section>
  )
}

/** Whether the end is followed; paused, how many lines wait and the way back. */
function LogFoot({
  live,
  following,
  waiting,
  onEnd,
  children,
}: {
  readonly live: boolean
  readonly following: boolean
  readonly waiting: number
  readonly onEnd: () => void
  readonly children: ReactNode
}) {
  const paused = live && !following
  return (
    <footer className={paused ? 'pausebar is-rest' : ''}>
      {paused ? (
        <>
          <span className="st is-rest">
            <Glyph kind="paused" />
            Paused
          </span>
          <span className="c2">{waiting > 0 ? `${waiting} new lines wait below` : 'No new line yet'}</span>
          <span className="push">
            <Button small onClick={onEnd}>
              Go to the end <kbd aria-hidden="true">F</kbd>
            </Button>
          </span>
        </>
      ) : (
        <>
          <span className="live">
            {live && <i />}
            {children}
          </span>
          <span className="push row not-s" aria-hidden="true">
            <kbd>E</kbd> first error <kbd>F</kbd> follow <kbd>⇧G</kbd> end
          </span>
        </>
      )}
    </footer>
  )
}

function hitsIn(rows: readonly LogRow[], query: string): readonly number[] {
  return query === '' ? [] : rows.flatMap((row, at) => (shownText(row).toLowerCase().includes(query) ? [at] : []))
}

function countsOf(rows: readonly LogRow[]) {
  let out = 0
  let err = 0
  let errors = 0
  for (const row of rows) {
    if (row.stream === 'out') out += 1
    else if (row.stream === 'err') err += 1
    if (levelOf(row) === 'bad') errors += 1
  }
  return { out, err, errors }
}

/** The line that the server named; else the first that says error. */
function firstErrorIn(rows: readonly LogRow[], no: number | null): number {
  return rows.findIndex((row) => (no === null ? levelOf(row) === 'bad' : row.no === no))
}
