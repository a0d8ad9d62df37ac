'use client'
import { beginUpstream, showUpstreamProvider } from '@console/contracts/upstream/actions'
import type { Dashboard } from '@console/contracts/upstream/schemas'
import { Button } from '@console/ui/button.tsx'
import { ExternalLink } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useConsole } from './console-provider.tsx'

type Upstream = { readonly name: string | null; readonly app: Dashboard }

/** Goes to the sign-in provider, where one is set up; nothing stands here else. */
export function UpstreamButton({
  upstream: { name, app },
  onError,
}: {
  readonly upstream: Upstream
  readonly onError: (error: Error | null) => void
}) {
  const { client } = useConsole()
  const [busy, setBusy] = useState(false)
  if (name === null) return null
  const go = async (): Promise<void> => {
    setBusy(true)
    onError(null)
    try {
      location.assign((await client.call(beginUpstream, { body: { app } })).url)
    } catch (error) {
      onError(error as Error)
      setBusy(false)
    }
  }
  return (
    <Button busy={busy} icon={<ExternalLink className="ic s" aria-hidden="true" />} onClick={() => void go()}>
      Sign in with {name}
    </Button>
  )
}

/** What the provider is called, null as long as none is known; and which dashboard this is, to which the browser comes back. */
export function useUpstream(): Upstream {
  const { client, settings } = useConsole()
  const [name, setName] = useState<string | null>(null)
  const ready = settings.platformUrl !== ''
  useEffect(() => {
    if (!ready) return
    // Without an answer there is no button; the form beside it says what is away.
    client.call(showUpstreamProvider, {}).then(
      (provider) => setName(provider.name),
      () => undefined,
    )
  }, [client, ready])
  const isAdmin = ready && URL.canParse(settings.adminWebUrl) && new URL(settings.adminWebUrl).origin === location.origin
  return { name, app: isAdmin ? 'admin' : 'devops' }
}
