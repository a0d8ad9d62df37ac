'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { createService, getService, listVariables, updateService } from '@console/contracts/services/actions'
import { Blank } from '@console/ui/states.tsx'
import { parseAsString, useQueryState } from 'nuqs'
import { draftOf, emptyDraft } from './service-draft.ts'
import { ServiceFormView } from './service-form.tsx'

/** Registers a service or changes one: five sections, kept on this device while one types, secrets excepted. */
export function ServiceFormPage() {
  const [id] = useQueryState('id', parseAsString.withDefault(''))
  const whyNot = useWhyNot()
  const denied = whyNot(id ? updateService : createService)
  const on = { enabled: id !== '' && denied === null }
  const service = useRead(getService, { params: { id } }, on)
  const variables = useRead(listVariables, { params: { id } }, on)
  if (denied)
    return (
      <div className="panel">
        <Blank kind="denied" title={id ? `Editing ${id} is not for your role` : 'Registering is not for your role'}>
          {denied}
        </Blank>
      </div>
    )
  if (id === '') return <ServiceFormView start={{ id: '', etag: '', variablesEtag: 'none', draft: emptyDraft }} />
  if (service.data?.id !== id || !variables.data)
    return (
      <section className="panel">
        <QueryState query={service.error ? service : variables} what="The service" />
      </section>
    )
  const { etag } = service.data
  return (
    <ServiceFormView
      key={id}
      start={{ id, etag, variablesEtag: variables.data.etag, draft: draftOf(service.data, variables.data.items) }}
    />
  )
}
