import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode, RefObject } from 'react'

export type DialogProps = {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  readonly sub?: ReactNode
  readonly children: ReactNode
  readonly footer: ReactNode
  readonly wide?: boolean
  /** While something is under way Esc and the backdrop do nothing. */
  readonly busy?: boolean
  /** Without a way to close it: what it asks must be done first. */
  readonly closable?: boolean
  readonly initialFocus?: RefObject<HTMLElement | null>
}

/** One dialog: the title is the question or the deed; focus comes back to where it was. */
export function Dialog({
  open,
  onClose,
  title,
  sub,
  children,
  footer,
  wide = false,
  busy = false,
  closable = true,
  initialFocus,
}: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && !busy && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <div className="popup">
          <Base.Popup className={`dlg ${wide ? 'wide' : ''}`} {...(initialFocus && { initialFocus })}>
            <div className="dh">
              <div>
                <Base.Title render={<h2 />}>{title}</Base.Title>
                {sub && <Base.Description render={<p />}>{sub}</Base.Description>}
              </div>
              {closable && (
                <Base.Close className="close" aria-label="Close" disabled={busy}>
                  <X className="ic s" aria-hidden="true" />
                </Base.Close>
              )}
            </div>
            <div className="body">{children}</div>
            <div className="df">{footer}</div>
          </Base.Popup>
        </div>
      </Base.Portal>
    </Base.Root>
  )
}
