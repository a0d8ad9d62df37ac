'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listUserFactors, resetUserFactors } from '@console/contracts/people/factor-actions'
import type { User, UserFactors } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useState } from 'react'
import { DeedDialog } from './deed-dialog.tsx'

/** How a person shows who they are, and since when. */
export function PersonSignIn({ user }: { readonly user: User }) {
  const factors = useRead(listUserFactors, { params: { id: user.id } }, { every: 15_000 })
  const denied = useWhyNot()(resetUserFactors)
  const [open, setOpen] = useState(false)
  const none = user.factors.length > 1 ? null : 'There is no second factor to reset.'
  return (
    <Panel
      title="Sign-in"
      footer={
        <Button small look="risk" disabledReason={denied ?? none} reasonHidden onClick={() => setOpen(true)}>
          Reset second factor…
        </Button>
      }
    >
      <QueryState query={factors} what="Ways to sign in" />
      {factors.data && (
        <div className="pad">
          <Facts items={factsOf(factors.data, user)} />
        </div>
      )}
      {open && <DeedDialog user={user} deed="factors" onClose={() => setOpen(false)} />}
    </Panel>
  )
}

function factsOf({ passwordSince, totpSince, recoveryLeft, passkeys }: UserFactors, { failedSignIns, factors, status }: User) {
  const missing = factors.length === 1 && status === 'active'
  return [
    [
      'Password',
      <span key="password">
        set <Ago at={passwordSince} />
      </span>,
    ],
    [
      'Passkeys',
      passkeys.length === 0 ? (
        'none'
      ) : (
        <span key="passkeys">
          {passkeys.map(({ id, name, createdAt, lastUsedAt }) => (
            <span className="block" key={id}>
              {cleanLogText(name)}{' '}
              <span className="c3">
                since {createdAt.slice(0, 10)}
                {lastUsedAt && (
                  <>
                    , used <Ago at={lastUsedAt} />
                  </>
                )}
              </span>
            </span>
          ))}
        </span>
      ),
    ],
    ['Authenticator', totpSince === null ? 'not set up' : <span key="totp">since {totpSince.slice(0, 10)}</span>],
    totpSince === null ? null : (['Recovery', `${recoveryLeft} of 10 codes left`] as const),
    missing
      ? ([
          'Second factor',
          <Status key="none" kind="warn">
            none
          </Status>,
        ] as const)
      : null,
    [
      'Misses',
      failedSignIns === 0 ? (
        'none in 15 min'
      ) : (
        <Status key="misses" kind="warn">
          {failedSignIns} in 15 min
        </Status>
      ),
    ],
  ] as const
}
