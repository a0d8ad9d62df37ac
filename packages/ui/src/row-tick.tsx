import { Check, Minus } from 'lucide-react'

/** A box to tick in a row, or in the head of a table for all of its rows; `some` is neither all nor none. X ticks the row in focus. */
export function RowTick({
  label,
  checked,
  some = false,
  disabledReason = null,
  inHead = false,
  onChange,
}: {
  readonly label: string
  readonly checked: boolean
  readonly some?: boolean
  readonly disabledReason?: string | null
  readonly inHead?: boolean
  readonly onChange: (checked: boolean) => void
}) {
  return (
    <label className="row-tick" title={disabledReason ?? undefined}>
      <input
        ref={(box) => {
          if (box) box.indeterminate = some
        }}
        className="vh"
        type="checkbox"
        aria-label={disabledReason === null ? label : `${label}: ${disabledReason}`}
        aria-disabled={disabledReason === null ? undefined : true}
        checked={checked}
        data-key={inHead ? undefined : 'x'}
        onChange={(event) => disabledReason === null && onChange(event.target.checked)}
      />
      <span className={`check ${checked || some ? 'on' : ''} ${disabledReason === null ? '' : 'off'}`} aria-hidden="true">
        {some ? <Minus className="ic" /> : checked && <Check className="ic" />}
      </span>
    </label>
  )
}
