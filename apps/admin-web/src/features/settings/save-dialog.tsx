'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { getSignInSettings, updateSignInSettings } from '@console/contracts/sign-in-settings/actions'
import type { SignInSettings } from '@console/contracts/sign-in-settings/schemas'
import { Facts } from '@console/ui/panel.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { useState } from 'react'
import { shownOf } from './settings-fields.ts'

const names: Record<keyof SignInSettings, string> = {
  idleMinutes: 'Idle time, min',
  sessionHours: 'Longest session, h',
  inviteHours: 'Longest invite, h',
  resetMinutes: 'Reset link, min',
  secondFactor: 'Second factor',
  passkeyAlone: 'Passkeys by themselves',
  inviteDomains: 'Mail domains',
}

/** Shows what was and what will be. It saves on the version that was seen when it opened. */
export function SaveDialog({
  before,
  after,
  etag,
  changed,
  onClose,
  onSaved,
}: {
  readonly before: SignInSettings
  readonly after: SignInSettings
  readonly etag: string
  readonly changed: readonly (keyof SignInSettings)[]
  readonly onClose: () => void
  readonly onSaved: () => void
}) {
  const { client } = useConsole()
  const toast = useToast()
  const [seen] = useState({ before, etag })
  const careful = useCareful(() => client.call(updateSignInSettings, { body: after, ifMatch: seen.etag }), [getSignInSettings])
  const isStale = careful.error?.status === 412
  return (
    <CarefulDialog
      careful={careful}
      title="Change how people sign in?"
      sub={isStale ? 'Close this and look at what somebody else saved; what you typed is kept.' : 'It counts at once.'}
      button="Save"
      onClose={onClose}
      onDone={() => {
        toast({ kind: 'ok', title: 'Saved' })
        onSaved()
        onClose()
      }}
    >
      <Facts
        boxed
        items={changed.map(
          (field) => [names[field], `${shownOf(seen.before, field) || 'any'} → ${shownOf(after, field) || 'any'}`] as const,
        )}
      />
    </CarefulDialog>
  )
}
