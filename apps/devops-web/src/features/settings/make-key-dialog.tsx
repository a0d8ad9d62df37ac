'use client'
import { digestOf } from '@console/api-client/plan-digest'
import { CarefulDialog } from '@console/console/careful-dialog.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useRead } from '@console/console/use-action.ts'
import { useCareful } from '@console/console/use-careful.ts'
import { createGrant } from '@console/contracts/auth/actions'
import { directPlan } from '@console/contracts/canonical'
import { getHermesOps } from '@console/contracts/hermes/actions'
import { createAgentKey, listAgentKeys } from '@console/contracts/hermes/signal-actions'
import type { AgentKey, SignalWay } from '@console/contracts/hermes/signal-schemas'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { useRef, useState } from 'react'

const ways = [
  { value: 'otlp', label: 'OpenTelemetry: traces and metrics' },
  { value: 'webhook', label: 'Outbound webhooks (Hermes 0.20 or newer)' },
] as const satisfies readonly { value: SignalWay; label: string }[]
type Made = { readonly key: AgentKey; readonly secret: string }

/** Makes a key for one agent and one way; a factor is asked for where the last is older than five minutes. */
export function MakeKeyDialog({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: (made: Made) => void }) {
  const { client } = useConsole()
  const ops = useRead(getHermesOps, {})
  const instances = ops.data?.instances ?? []
  const [form, setForm] = useState({ instance: '', way: 'otlp' as SignalWay, name: '' })
  const instance = form.instance || (instances[0]?.id ?? '')
  const field = useRef<HTMLInputElement>(null)
  const careful = useCareful<Made>(async () => {
    const body = { instance, way: form.way, name: form.name.trim() }
    const digest = await digestOf(directPlan(createAgentKey.id, 'local', body))
    const { grant } = await client.call(createGrant, { body: { verb: createAgentKey.id, digest } })
    return client.call(createAgentKey, { body, grant })
  }, [listAgentKeys])
  const trouble =
    instance === '' ? (ops.error?.message ?? 'No agent is known yet') : form.name.trim() === '' ? 'Name what will send with it' : null
  return (
    <CarefulDialog
      careful={careful}
      title="Make a key of an agent"
      sub={createAgentKey.confirm}
      button="Make the key"
      trouble={trouble}
      troubleShown={instance === ''}
      initialFocus={field}
      onClose={onClose}
      onDone={onMade}
    >
      <div className="g2">
        <SelectField
          label="Agent"
          options={instances.map(({ id, label }) => ({ value: id, label }))}
          value={instance}
          onChange={(event) => setForm({ ...form, instance: event.target.value })}
        />
        <SelectField
          label="It sends by"
          options={ways}
          value={form.way}
          onChange={(event) => setForm({ ...form, way: event.target.value as SignalWay })}
        />
      </div>
      <TextField
        ref={field}
        label="Name"
        hint="What will send with it, for example the name of a plugin"
        autoComplete="off"
        maxLength={60}
        value={form.name}
        onChange={(event) => setForm({ ...form, name: event.target.value })}
      />
    </CarefulDialog>
  )
}
