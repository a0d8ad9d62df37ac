'use client'
import { stepUp } from '@console/contracts/auth/actions'
import { useState } from 'react'
import { useConsole, usePerson } from './console-provider.tsx'

/** The factor that is asked for again: a code where there is an authenticator, else the password; whoever has both may choose. */
export function useFactor() {
  const { client, adopt } = useConsole()
  const { info } = usePerson()
  const hasTotp = info?.factors.includes('totp') ?? false
  const [byPassword, setByPassword] = useState(false)
  const [value, setValue] = useState('')
  const kind = hasTotp && !byPassword ? 'code' : 'password'
  return {
    kind,
    value,
    setValue,
    canChoose: hasTotp,
    choose: () => {
      setByPassword(!byPassword)
      setValue('')
    },
    /** Shows it; from then on five minutes count. */
    show: async (): Promise<void> => {
      adopt(await client.call(stepUp, { body: kind === 'code' ? { code: value } : { password: value } }))
      setValue('')
    },
  } as const
}
