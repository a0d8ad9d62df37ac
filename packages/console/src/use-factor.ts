'use client'
import { stepUp } from '@console/contracts/auth/actions'
import { stepUpByPasskey } from '@console/contracts/passkeys/actions'
import { useState } from 'react'
import { useConsole, usePerson } from './console-provider.tsx'
import { answerWithPasskey } from './passkey-browser.ts'

export type FactorKind = 'code' | 'passkey' | 'password'

/** The factor that is asked for again: a code where there is an authenticator, else a passkey, else the password; whoever has more may choose. */
export function useFactor() {
  const { client, adopt } = useConsole()
  const { info } = usePerson()
  const has = info?.factors ?? []
  const kinds: readonly FactorKind[] = [
    ...(has.includes('totp') ? (['code'] as const) : []),
    ...(has.includes('passkey') ? (['passkey'] as const) : []),
    'password',
  ]
  const [chosen, setChosen] = useState<FactorKind | null>(null)
  const [value, setValue] = useState('')
  const kind = chosen ?? kinds[0] ?? 'password'
  return {
    kind,
    value,
    setValue,
    /** The other ways that the person has. */
    others: kinds.filter((one) => one !== kind),
    choose: (other: FactorKind) => {
      setChosen(other)
      setValue('')
    },
    /** Why it cannot be shown yet. */
    trouble: kind === 'passkey' || value !== '' ? null : `Type your ${kind} first.`,
    /** Shows it; from then on five minutes count. */
    show: async (): Promise<void> => {
      if (kind === 'passkey') adopt(await client.call(stepUpByPasskey, { body: { answer: await answerWithPasskey(client) } }))
      else adopt(await client.call(stepUp, { body: kind === 'code' ? { code: value } : { password: value } }))
      setValue('')
    },
  } as const
}
