'use client'
import { Button } from '@console/ui/button.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { useEffect, useState } from 'react'
import { canKeepPages, keepsPages, setKeepsPages } from './offline-worker.ts'
import { useInstall } from './use-offer.ts'

/** What this browser keeps of the dashboard, and the way to have it keep nothing. */
export function KeptPagesPanel() {
  const install = useInstall()
  const [keeps, setKeeps] = useState<boolean | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => setKeeps(keepsPages()), [])
  if (keeps === null) return null
  const change = async (): Promise<void> => {
    setBusy(true)
    await setKeepsPages(!keeps).finally(() => setBusy(false))
    setKeeps(keepsPages())
  }
  return (
    <Panel title="This browser" label="this dashboard alone">
      <div className="fact">
        <div className="grow">
          <p className="strong">{keeps ? 'Pages are kept' : 'No pages are kept'}</p>
          <p>Empty pages and their scripts open without a network. What the console answers is never kept.</p>
        </div>
        <Button
          small
          busy={busy}
          disabledReason={canKeepPages() ? null : 'Only over https or on this machine'}
          onClick={() => void change()}
        >
          {keeps ? 'Remove them' : 'Keep them'}
        </Button>
      </div>
      {install && (
        <div className="fact">
          <div className="grow">
            <p className="strong">Not installed</p>
            <p>Installed, the dashboard has a window and an icon of its own.</p>
          </div>
          <Button small onClick={install}>
            Install…
          </Button>
        </div>
      )}
    </Panel>
  )
}
