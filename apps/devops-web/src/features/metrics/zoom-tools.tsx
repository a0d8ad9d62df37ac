import { Button } from '@console/ui/button.tsx'
import { useZoom } from '@console/ui/use-zoom.ts'
import { ChevronLeft, ChevronRight, Minus, Plus } from 'lucide-react'
import { momentText, type Range } from '../../lib/metric-words.ts'

const steps = [
  { way: 'in', label: 'Zoom in', keys: '+', icon: Plus },
  { way: 'out', label: 'Zoom out', keys: '-', icon: Minus },
  { way: 'earlier', label: 'Earlier', keys: '[', icon: ChevronLeft },
  { way: 'later', label: 'Later', keys: ']', icon: ChevronRight },
] as const

/** The zoom of all charts without a drag: buttons, and the keys that they name. */
export function ZoomTools({ group, range }: { readonly group: string; readonly range: Range }) {
  const { span, step } = useZoom(group, range)
  const whole = span ? null : 'All of the range is shown'
  return (
    <span className="row" role="group" aria-label="Zoom of all charts">
      {steps.map(({ way, label, keys, icon: Icon }) => (
        <Button
          key={way}
          look="quiet"
          small
          icon={<Icon className="ic s" aria-hidden="true" />}
          aria-label={label}
          aria-keyshortcuts={keys}
          disabledReason={way === 'in' ? null : whole}
          reasonHidden
          onClick={() => step(way)}
        />
      ))}
      {span && (
        <Button look="quiet" small aria-keyshortcuts="0" onClick={() => step('all')}>
          Show all
        </Button>
      )}
      <span className={`c3 small ${span ? '' : 'not-s'}`} role="status">
        {span
          ? `${momentText(span[0], range)} to ${momentText(span[1], range)} UTC`
          : 'Drag on a chart to zoom; all charts follow. Times are UTC.'}
      </span>
    </span>
  )
}
