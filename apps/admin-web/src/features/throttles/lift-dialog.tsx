'use client'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useCareful } from '@console/console/use-careful.ts'
import { liftThrottle, listThrottles, listUsers } from '@console/contracts/people/actions'
import type { Throttle } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Facts } from '@console/ui/panel.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { In } from './in.tsx'

const advice: Record<Throttle['kind'], string> = {
  account: 'Ask the person first: somebody else may have been guessing.',
  address: 'Everybody behind this address may try again.',
  reset: 'Links by mail are sent again when somebody asks for them.',
}

/** Lets somebody try again before the block ends by itself. */
export function LiftDialog({ throttle, onClose }: { readonly throttle: Throttle; readonly onClose: () => void }) {
  const { client } = useConsole()
  const toast = useToast()
  const { id, kind, state, subject, person, failures, most, until } = throttle
  const title = cleanLogText(person?.name ?? subject)
  const careful = useCareful(() => client.call(liftThrottle, { params: { id } }), [listThrottles, listUsers])
  return (
    <CarefulDialog
      careful={careful}
      title={state === 'blocked' ? `Lift the block of ${title}?` : `Forget what was counted against ${title}?`}
      sub={`${advice[kind]} The count begins anew.`}
      cancel="Keep it"
      button={state === 'blocked' ? 'Lift the block' : 'Forget it'}
      onClose={onClose}
      onDone={() => {
        toast({ kind: 'ok', title: `${title} may try again` })
        onClose()
      }}
    >
      <Facts
        boxed
        items={[
          [kind === 'address' ? 'Address' : 'Account', cleanLogText(subject)],
          ['Counted', `${failures} of ${most}`],
          ['Ends by itself', <In key="until" at={until} />],
        ]}
      />
    </CarefulDialog>
  )
}
