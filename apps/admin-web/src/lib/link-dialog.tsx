'use client'
import type { LinkHandedOver } from '@console/contracts/passwords/schemas'
import { Button } from '@console/ui/button.tsx'
import { CopyOnce } from '@console/ui/copy-once.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Note } from '@console/ui/states.tsx'

/** What became of a link: mailed, and shown to nobody here; or standing here and nowhere else. */
export function LinkDialog({
  title,
  to,
  made: { link, mail, mailTrouble, expiresAt },
  onClose,
}: {
  readonly title: string
  /** E-mail of the person. */
  readonly to: string
  readonly made: LinkHandedOver
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
      {mail === 'failed' && (
        <Note kind="warn" role="status" title="It could not be mailed. Here is the link.">
          {mailTrouble}
        </Note>
      )}
      {link === null ? (
        <p role="status">
          Mailed to <b>{to}</b>. The link works once, and ends {formatInstant(expiresAt)}.
        </p>
      ) : (
        <>
          <CopyOnce text={link} />
          <p className="small c2">Send it to the person yourself. It is shown once, works once, and ends {formatInstant(expiresAt)}.</p>
        </>
      )}
    </Dialog>
  )
}
