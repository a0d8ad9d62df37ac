import { Button } from '@console/ui/button.tsx'
import { useZoom } from '@console/ui/use-zoom.ts'
import { ChevronLeft, ChevronRight, Minus, Plus } from 'lucide-react'
import { momentText, type Range } from '../../lib/metric-words.ts'

/** The zoom of all charts without a drag: buttons, and the keys that they name. */
export function ZoomTools({ group, range }: { readonly group: string; readonly range: Range }) {
  const { span, step } = useZoom(group, range)
  const whole = span ? null : 'All of the range is shown'
  return (
    <span className="row" role="group" aria-label="Zoom of all charts">
      <Button
        look="quiet"
        small
        icon={<Plus className="ic s" aria-hidden="true" />}
        aria-label="Zoom in"
        aria-keyshortcuts="+"
        onClick={() => step('in')}
      />
      <Button
        look="quiet"
        small
        icon={<Minus className="ic s" aria-hidden="true" />}
        aria-label="Zoom out"
        aria-keyshortcuts="-"
        disabledReason={whole}
        reasonHidden
        onClick={() => step('out')}
      />
      <Button
        look="quiet"
        small
        icon={<ChevronLeft className="ic s" aria-hidden="true" />}
        aria-label="Earlier"
        aria-keyshortcuts="["
        disabledReason={whole}
        reasonHidden
        onClick={() => step('earlier')}
      />
      <Button
        look="quiet"
        small
        icon={<ChevronRight className="ic s" aria-hidden="true" />}
        aria-label="Later"
        aria-keyshortcuts="]"
        disabledReason={whole}
        reasonHidden
        onClick={() => step('later')}
      />
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
