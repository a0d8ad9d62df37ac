'use client'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { useRef } from 'react'

/** Before what was typed is lost. Leaving by the menu loses nothing: the draft stays on this device. */
export function DiscardDialog({
  name,
  onClose,
  onDiscard,
}: {
  readonly name: string
  readonly onClose: () => void
  readonly onDiscard: () => void
}) {
  const keep = useRef<HTMLButtonElement>(null)
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Discard what you typed about ${name}?`}
      sub="It is on no other device and cannot be brought back."
      initialFocus={keep}
      footer={
        <span className="push row">
          <button ref={keep} type="button" className="btn" onClick={onClose}>
            Keep typing
          </button>
          <Button look="danger" onClick={onDiscard}>
            Discard it
          </Button>
        </span>
      }
    >
      <p className="c2">To come back later, open another page instead: this form keeps what stands in it.</p>
    </Dialog>
  )
}
