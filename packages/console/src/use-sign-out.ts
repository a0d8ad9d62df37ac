'use client'
import { signOut } from '@console/contracts/auth/actions'
import { tellTabs, useConsole } from './console-provider.tsx'

/** Ends the session here and tells the other tabs. The page is loaded anew, so that nothing that was read stays in memory. */
export function useSignOut(): () => Promise<void> {
  const { client, signedOut } = useConsole()
  return async () => {
    await client.call(signOut, {}).catch(() => undefined)
    client.forgetTokens()
    signedOut()
    tellTabs()
    location.assign('/')
  }
}
