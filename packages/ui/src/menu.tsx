import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'

export type MenuItem = { readonly label: ReactNode; readonly icon?: ReactNode; readonly onSelect: () => void }

/** A menu behind a button. */
export function Menu({
  trigger,
  head,
  items,
}: {
  readonly trigger: ReactElement<Record<string, unknown>>
  readonly head?: ReactNode
  readonly items: readonly MenuItem[]
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="end">
          <Base.Popup className="menu">
            {head && <div className="who">{head}</div>}
            {items.map((item, at) => (
              <Base.Item key={at} className="mi" onClick={item.onSelect}>
                {item.icon}
                {item.label}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
