'use client'
import { useConsole } from '@console/console/console-provider.tsx'
import type { AgentKey } from '@console/contracts/hermes/signal-schemas'
import { Button } from '@console/ui/button.tsx'
import { CopyButton } from '@console/ui/copy-button.tsx'
import { CopyOnce } from '@console/ui/copy-once.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useState } from 'react'
import { setupText } from './agent-setup.ts'

/** The key, once, what to enter at the agent, and a look whether its first signal came. */
export function KeyShownOnce({
  agentKey,
  secret,
  used,
  onClose,
}: {
  readonly agentKey: AgentKey
  readonly secret: string
  readonly used: string | null
  readonly onClose: () => void
}) {
  const { settings } = useConsole()
  const [copied, setCopied] = useState(false)
  const { try: command, agent } = setupText({ base: settings.devopsApiUrl, instance: agentKey.instance, way: agentKey.way })
  return (
    <Dialog
      open
      onClose={onClose}
      closable={false}
      busy={!copied}
      wide
      title={`Copy the key of ${agentKey.instance} now`}
      sub="It is shown this once. A lost one is revoked and made again."
      footer={
        <span className="push row">
          <Button disabledReason={copied ? null : 'Copy it first'} onClick={onClose}>
            Done
          </Button>
        </span>
      }
    >
      <CopyOnce text={secret} onCopied={() => setCopied(true)} />
      <p className="c2">At the agent:</p>
      <pre className="codebox" tabIndex={0} role="region" aria-label="What to enter at the agent">
        {agent}
      </pre>
      <p className="c2 row">
        To try it from the host, with the key in KEY: <CopyButton label="Copy the command" what="The command" text={command} />
      </p>
      <pre className="codebox" tabIndex={0} role="region" aria-label="A command to try it">
        {command}
      </pre>
      <div role="status">
        {used ? (
          <Status kind="ok">
            The first signal came in <Ago at={used} />
          </Status>
        ) : (
          <>
            <Status kind="unknown">No signal has come in yet</Status>
            <p className="c2 small">This line changes when one does.</p>
          </>
        )}
      </div>
      {agentKey.way === 'otlp' && (
        <Note kind="warn" title="Switch off what the plugin says of contents">
          Set its content capture to off: this console drops contents on arrival, and what is not sent cannot be read on the way.
        </Note>
      )}
    </Dialog>
  )
}
