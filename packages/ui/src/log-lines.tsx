import type { useVirtualizer } from '@tanstack/react-virtual'
import { StepForward } from 'lucide-react'
import { useCallback } from 'react'
import { formatClock } from './format.ts'
import { type LogRow, levelOf, shownText } from './log-row.ts'
import { Glyph, toneOf } from './status.tsx'

type Virtual = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>
type Props = { readonly rows: readonly LogRow[]; readonly virtual: Virtual; readonly hit: number | undefined; readonly query: string }

/** Above and below the drawn lines stand two blocks as high as what is not drawn; their height is set through the CSSOM. */
export function LogLines({ rows, virtual, hit, query }: Props) {
  const items = virtual.getVirtualItems()
  return (
    <>
      <Spacer height={items[0]?.start ?? 0} />
      {items.map(({ index }) => {
        const row = rows[index]
        return row ? (
          <div key={row.key} data-index={index} ref={virtual.measureElement}>
            {row.stream === 'gap' ? <Gap row={row} /> : <Line row={row} hit={index === hit} query={query} />}
          </div>
        ) : null
      })}
      <Spacer height={virtual.getTotalSize() - (items.at(-1)?.end ?? 0)} />
    </>
  )
}

function Line({ row, hit, query }: { readonly row: LogRow; readonly hit: boolean; readonly query: string }) {
  const level = levelOf(row)
  const edge = level === 'bad' ? 'e' : level === 'warn' ? 'w' : ''
  return (
    <div className={`l ${edge} ${row.stream === 'chk' ? 'chk' : ''} ${hit ? 'hit' : ''}`}>
      <span className="no">{row.no ?? '–'}</span>
      <span className="ts">{formatClock(row.at)}</span>
      {row.source && (
        <span className="sr src2" title={row.source}>
          {row.source}
        </span>
      )}
      <span className={`sr ${row.stream === 'err' ? 'e' : ''}`}>{row.stream}</span>
      <span className={`lg ${level ? `${toneOf(level)} fg` : ''}`}>
        {level && <Glyph kind={level} size="s" />}
        {level === 'bad' && <span className="vh">error: </span>}
      </span>
      <span className="tx">
        <Marked text={shownText(row)} query={query} />
      </span>
    </div>
  )
}

function Gap({ row }: { readonly row: LogRow }) {
  return (
    <div className="gap">
      <StepForward className="ic s" aria-hidden="true" />
      <span>{row.text}</span>
    </div>
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
  const at = query === '' ? -1 : text.toLowerCase().indexOf(query)
  if (at < 0) return text
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + query.length)}</mark>
      {text.slice(at + query.length)}
    </>
  )
}
