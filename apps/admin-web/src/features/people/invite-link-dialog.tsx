'use client'
import { Button } from '@console/ui/button.tsx'
import { CopyOnce } from '@console/ui/copy-once.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { formatInstant } from '@console/ui/format.ts'

/** A link that stands here and nowhere else. */
export function InviteLinkDialog({
  title,
  link,
  expiresAt,
  onClose,
}: {
  readonly title: string
  readonly link: string
  readonly expiresAt: string
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      footer={
        <span className="push row">
          <Button look="ink" onClick={onClose}>
            Done
          </Button>
        </span>
      }
    >
      <CopyOnce text={link} />
      <p className="small c2">Send it to the person yourself. It is shown once, works once, and ends {formatInstant(expiresAt)}.</p>
    </Dialog>
  )
}
