import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDownToLine, ChevronDown, ChevronUp, Search, WrapText } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from './button.tsx'
import { cleanLogText } from './clean-log-text.ts'
import { formatClock } from './format.ts'
import { Segmented } from './segmented.tsx'

export type LogRow = {
  readonly key: string | number
  readonly no: number | null
  readonly at: string
  readonly stream: 'out' | 'err' | 'sys' | 'chk'
  readonly text: string
  readonly source?: string | undefined
}
type Filter = 'both' | 'out' | 'err'

const rowPx = 20
const errorWord = /\b(error|fatal|failed|failure|exception|panic|traceback)\b/i

/** Lines that follow their end until the reader scrolls up; searched, filtered, drawn only where they are seen. */
export function LogView({
  rows,
  title,
  footer,
  live,
  firstErrorNo,
  empty,
}: {
  readonly rows: readonly LogRow[]
  readonly title: string
  readonly footer?: ReactNode
  readonly live: boolean
  readonly firstErrorNo?: number | null | undefined
  readonly empty: ReactNode
}) {
  const box = useRef<HTMLDivElement>(null)
  const [filter, setFilter] = useState<Filter>('both')
  const [query, setQuery] = useState('')
  const [hit, setHit] = useState(0)
  const [following, setFollowing] = useState(true)
  const [seen, setSeen] = useState(0)
  const [wrap, setWrap] = useState(true)
  const shown = useMemo(
    () => rows.filter(({ stream }) => filter === 'both' || stream === filter || stream === 'chk' || stream === 'sys'),
    [rows, filter],
  )
  const hits = useMemo(
    () => (query === '' ? [] : shown.flatMap(({ text }, at) => (text.toLowerCase().includes(query.toLowerCase()) ? [at] : []))),
    [shown, query],
  )
  const virtual = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => rowPx, overscan: 30 })

  useEffect(() => {
    if (following && shown.length > 0) virtual.scrollToIndex(shown.length - 1, { align: 'end' })
    if (following) setSeen(shown.length)
  }, [following, shown.length, virtual])

  const jump = useCallback(
    (at: number): void => {
      setFollowing(false)
      virtual.scrollToIndex(at, { align: 'center' })
    },
    [virtual],
  )
  const step = (by: number): void => {
    if (hits.length === 0) return
    const next = (hit + by + hits.length) % hits.length
    setHit(next)
    jump(hits[next] ?? 0)
  }
  const firstError = useCallback((): void => {
    const at = shown.findIndex(({ no, text, stream }) => (firstErrorNo ? no === firstErrorNo : stream !== 'chk' && errorWord.test(text)))
    if (at >= 0) jump(at)
  }, [shown, firstErrorNo, jump])
  const hasError = firstErrorNo != null || shown.some(({ text, stream }) => stream !== 'chk' && errorWord.test(text))

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        (target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
      )
        return
      if (event.key === 'e') firstError()
      else if (event.key === 'f') setFollowing((on) => !on)
      else if (event.key === 'G') setFollowing(true)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [firstError])

  const waiting = following ? 0 : Math.max(0, shown.length - seen)
  const count = (stream: Filter): number => rows.filter((row) => row.stream === stream).length
  return (
    <section className="panel bleed" aria-label={title}>
      <div className="logbar">
        <span className="strong">{title}</span>
        <span className="search logfind">
          <Search className="ic s" aria-hidden="true" />
          <input
            className="inp"
            placeholder="Search these lines"
            aria-label="Search these lines"
            value={query}
            onChange={(event) => {
              setQuery(event.target.value)
              setHit(0)
            }}
            onKeyDown={(event) => event.key === 'Enter' && step(event.shiftKey ? -1 : 1)}
          />
        </span>
        {query !== '' && (
          <span className="row">
            <span className="small c2">{hits.length === 0 ? 'no match' : `${hit + 1} of ${hits.length}`}</span>
            <Button
              look="quiet"
              small
              aria-label="Previous match"
              icon={<ChevronUp className="ic s" aria-hidden="true" />}
              onClick={() => step(-1)}
            />
            <Button
              look="quiet"
              small
              aria-label="Next match"
              icon={<ChevronDown className="ic s" aria-hidden="true" />}
              onClick={() => step(1)}
            />
          </span>
        )}
        <Segmented
          small
          label="Streams"
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'both', label: 'both' },
            { value: 'out', label: `stdout ${count('out')}` },
            { value: 'err', label: `stderr ${count('err')}` },
          ]}
        />
        <Button
          small
          onClick={firstError}
          disabledReason={hasError ? null : 'No line says error'}
          reasonHidden
          icon={<ArrowDownToLine className="ic s" aria-hidden="true" />}
        >
          First error
        </Button>
        <Button
          look="quiet"
          small
          aria-pressed={wrap}
          aria-label="Wrap long lines"
          icon={<WrapText className="ic s" aria-hidden="true" />}
          onClick={() => setWrap(!wrap)}
        />
      </div>
      <div
        ref={box}
        className={`log scroll ${wrap ? '' : 'nowrap'}`}
        role="log"
        aria-live="off"
        aria-label={title}
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
          const atEnd = scrollHeight - scrollTop - clientHeight < 2 * rowPx
          if (atEnd !== following && (atEnd || event.nativeEvent.isTrusted)) setFollowing(atEnd)
        }}
      >
        {shown.length === 0 ? <div className="sys">{empty}</div> : <Lines rows={shown} virtual={virtual} hit={hits[hit]} query={query} />}
      </div>
      <footer>
        <span className="live">
          {live && following && <i />}
          {waiting > 0 ? `${waiting} new lines wait below` : footer}
        </span>
        {!following && live && (
          <Button small onClick={() => setFollowing(true)}>
            Go to the end
          </Button>
        )}
        <span className="push row not-s">
          <kbd>E</kbd> first error <kbd>F</kbd> follow <kbd>⇧G</kbd> end
        </span>
      </footer>
    </section>
  )
}

type Virtual = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>

/** Above and below the drawn lines stand two blocks as high as what is not drawn; their height is set through the CSSOM. */
function Lines({
  rows,
  virtual,
  hit,
  query,
}: {
  readonly rows: readonly LogRow[]
  readonly virtual: Virtual
  readonly hit: number | undefined
  readonly query: string
}) {
  const items = virtual.getVirtualItems()
  const before = items[0]?.start ?? 0
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <>
      <Spacer height={before} />
      {items.map(({ index }) => {
        const row = rows[index]
        if (!row) return null
        const bad = row.stream !== 'chk' && errorWord.test(row.text)
        return (
          <div
            key={row.key}
            data-index={index}
            ref={virtual.measureElement}
            className={`l ${bad ? 'e' : row.stream === 'err' ? 'w' : ''} ${row.stream === 'chk' ? 'chk' : ''} ${index === hit ? 'hit' : ''}`}
          >
            <span className="no">{row.no ?? '–'}</span>
            <span className="ts">{formatClock(row.at)}</span>
            {row.source && (
              <span className="sr src2" title={row.source}>
                {row.source.slice(0, 14)}
              </span>
            )}
            <span className={`sr ${row.stream === 'err' ? 'e' : ''}`}>{row.stream}</span>
            <span className="tx">
              <Marked text={cleanLogText(row.text)} query={query} />
            </span>
          </div>
        )
      })}
      <Spacer height={after} />
    </>
  )
}

function Spacer({ height }: { readonly height: number }) {
  const ref = useCallback(
    (element: HTMLDivElement | null) => {
      if (element) element.style.height = `${height}px`
    },
    [height],
  )
  return <div ref={ref} aria-hidden="true" />
}

function Marked({ text, query }: { readonly text: string; readonly query: string }) {
  const at = query === '' ? -1 : text.toLowerCase().indexOf(query.toLowerCase())
  if (at < 0) return text
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + query.length)}</mark>
      {text.slice(at + query.length)}
    </>
  )
}
