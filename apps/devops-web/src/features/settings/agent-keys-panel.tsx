'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { createAgentKey, listAgentKeys, revokeAgentKey } from '@console/contracts/hermes/signal-actions'
import type { AgentKey } from '@console/contracts/hermes/signal-schemas'
import { Button } from '@console/ui/button.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { KeyRound } from 'lucide-react'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { useState } from 'react'
import { KeyShownOnce } from './key-shown-once.tsx'
import { MakeKeyDialog } from './make-key-dialog.tsx'
import { RevokeKeyDialog } from './revoke-key-dialog.tsx'

const wayWords: Readonly<Record<AgentKey['way'], string>> = { otlp: 'OpenTelemetry', webhook: 'Webhooks' }

/** The keys by which agents hand in what they tell of themselves, and whether anything came. */
export function AgentKeysPanel() {
  const keys = useRead(listAgentKeys, {}, { every: 5_000 })
  const whyNot = useWhyNot()
  const [making, setMaking] = useQueryState('make', parseAsBoolean.withDefault(false))
  const [made, setMade] = useState<{ readonly key: AgentKey; readonly secret: string } | null>(null)
  const [revoking, setRevoking] = useState<AgentKey | null>(null)
  const make = (
    <Button
      look="ink"
      icon={<KeyRound className="ic s" aria-hidden="true" />}
      disabledReason={whyNot(createAgentKey)}
      onClick={() => void setMaking(true)}
    >
      Make a key…
    </Button>
  )
  const items = keys.data?.items ?? []
  return (
    <>
      <p className="c2 mb">
        An agent sends its signals here by OpenTelemetry or by its outbound webhooks. Each key is for one agent; with it signals can be
        handed in, and nothing can be read. What people said to an agent is dropped on arrival.
      </p>
      {items.length > 0 && <div className="row w mb">{make}</div>}
      <ListTable
        label="Keys of agents"
        query={keys}
        what="Keys of agents"
        className="stk"
        columns={6}
        head={
          <>
            <th>Agent</th>
            <th>Way</th>
            <th>Name</th>
            <th>Made</th>
            <th>Signals</th>
            <th>
              <span className="vh">Actions</span>
            </th>
          </>
        }
        empty={
          <Blank title="No agent sends anything yet" actions={make}>
            Make a key, and the next page says what to enter at the agent.
          </Blank>
        }
        rows={items.map((key) => (
          <tr key={key.id} data-row>
            <td className="t1">
              <b>{key.instance}</b>
            </td>
            <td className="t2">{wayWords[key.way]}</td>
            <td>{key.name}</td>
            <td>
              <Ago at={key.createdAt} /> <span className="c3">by {key.createdBy}</span>
            </td>
            <td>
              {key.lastUsedAt ? (
                <Status kind="ok">
                  last <Ago at={key.lastUsedAt} />
                </Status>
              ) : (
                <Status kind="unknown">none yet</Status>
              )}
            </td>
            <td className="acts">
              <Button small look="quiet" disabledReason={whyNot(revokeAgentKey)} onClick={() => setRevoking(key)}>
                Revoke…
              </Button>
            </td>
          </tr>
        ))}
      />
      {making && !made && <MakeKeyDialog onClose={() => void setMaking(null)} onMade={setMade} />}
      {made && (
        <KeyShownOnce
          agentKey={made.key}
          secret={made.secret}
          used={items.find(({ id }) => id === made.key.id)?.firstUsedAt ?? null}
          onClose={() => {
            setMade(null)
            void setMaking(null)
          }}
        />
      )}
      {revoking && <RevokeKeyDialog agentKey={revoking} onClose={() => setRevoking(null)} />}
    </>
  )
}
