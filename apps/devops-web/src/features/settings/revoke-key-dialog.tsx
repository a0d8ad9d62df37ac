'use client'
import { useDo } from '@console/console/use-action.ts'
import { listAgentKeys, revokeAgentKey } from '@console/contracts/hermes/signal-actions'
import type { AgentKey } from '@console/contracts/hermes/signal-schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { Note } from '@console/ui/states.tsx'
import { useRef } from 'react'

/** Takes a key away: what comes by it is refused from then on, and what came stays. */
export function RevokeKeyDialog({ agentKey, onClose }: { readonly agentKey: AgentKey; readonly onClose: () => void }) {
  const revoke = useDo(revokeAgentKey, { changes: [listAgentKeys] })
  const cancel = useRef<HTMLButtonElement>(null)
  return (
    <Dialog
      open
      onClose={onClose}
      busy={revoke.isPending}
      title={`Revoke the key ${agentKey.name} of ${agentKey.instance}?`}
      sub="What comes by it is refused from then on. What came stays."
      initialFocus={cancel}
      footer={
        <span className="push row">
          <button ref={cancel} type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <Button
            look="risk"
            busy={revoke.isPending}
            onClick={() => revoke.mutate({ params: { id: agentKey.id } }, { onSuccess: onClose })}
          >
            Revoke
          </Button>
        </span>
      }
    >
      {revoke.error && (
        <Note kind="bad" role="alert" title={revoke.error.message}>
          {revoke.error.code}
        </Note>
      )}
    </Dialog>
  )
}
