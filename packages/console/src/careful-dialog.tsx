'use client'
import { Button } from '@console/ui/button.tsx'
import { Dialog, type DialogProps } from '@console/ui/dialog.tsx'
import type { ReactNode } from 'react'
import { CarefulFields } from './careful-fields.tsx'
import type { useCareful } from './use-careful.ts'

type Props<R> = Pick<DialogProps, 'title' | 'sub' | 'wide' | 'initialFocus' | 'onClose'> & {
  readonly children?: ReactNode
  readonly careful: ReturnType<typeof useCareful<R>>
  /** The deed, as the button names it. */
  readonly button: string
  readonly look?: 'ink' | 'risk'
  /** What the other button says. */
  readonly cancel?: string
  /** Why the deed cannot be done yet. */
  readonly trouble?: string | null
  /** Whether that stands beside the button too, where the fields do not tell it. */
  readonly troubleShown?: boolean
  readonly onDone: (result: R) => void
}

/** One deed that may ask for a factor first: what it needs, why it failed, and two ways out. */
export function CarefulDialog<R>({
  careful,
  button,
  look = 'ink',
  cancel = 'Cancel',
  trouble = null,
  troubleShown = false,
  onDone,
  onClose,
  children,
  ...dialog
}: Props<R>) {
  const go = async (): Promise<void> => {
    const done = await careful.run()
    if (done) onDone(done.result)
  }
  return (
    <Dialog
      {...dialog}
      open
      onClose={onClose}
      busy={careful.busy}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose}>
            {cancel}
          </button>
          <Button look={look} busy={careful.busy} disabledReason={trouble} reasonHidden={!troubleShown} onClick={() => void go()}>
            {button}
          </Button>
        </span>
      }
    >
      <CarefulFields {...careful} />
      {children}
    </Dialog>
  )
}
