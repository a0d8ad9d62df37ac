'use client'
import { useRead } from '@console/console/use-action.ts'
import { listContainers } from '@console/contracts/docker/actions'
import { listScripts } from '@console/contracts/scripts/actions'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { ChevronRight, Plus } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { CheckEditor } from './check-editor.tsx'
import { ContainersSection } from './containers-section.tsx'
import { DeploySection } from './deploy-section.tsx'
import { DiscardDialog } from './discard-dialog.tsx'
import { FormAside } from './form-aside.tsx'
import { FormSection } from './form-section.tsx'
import { FormSummary } from './form-summary.tsx'
import { IdentitySection } from './identity-section.tsx'
import { changedSections, newCheck } from './service-draft.ts'
import { type ServiceForm, type Start, useServiceForm } from './use-service-form.ts'
import { VariableEditor } from './variable-editor.tsx'

/** The form in five sections, with what saving does beside it and the bar that saves below. */
export function ServiceFormView({ start }: { readonly start: Start }) {
  const form = useServiceForm(start)
  const { draft, set, problem } = form
  const { id } = start
  const scripts = useRead(listScripts, {})
  const containers = useRead(listContainers, {})
  const chosen = scripts.data?.items.find(({ scriptId }) => scriptId === draft.scriptId)
  return (
    <form onSubmit={(event) => void form.save(event)} noValidate>
      <PageHead
        crumbs={
          <>
            <Link className="link" href={paths.services}>
              Services
            </Link>
            <ChevronRight className="ic s" aria-hidden="true" />
            <span>{id ? `Edit ${id}` : 'Register'}</span>
          </>
        }
        title={id ? `Edit ${id}` : `Register ${draft.name || 'a service'}`}
        sub={`Kept on this device while you type; saved when you ${id ? 'save' : 'register'}.`}
      />
      <Restored form={form} />
      <FormSummary form={form} id={id} />
      <div className="cols c-8-4">
        <div className="stack">
          <IdentitySection form={form} fixed={id !== ''} />
          <ChecksSection form={form} containers={(containers.data?.items ?? []).map(({ name }) => name)} />
          <DeploySection form={form} scripts={scripts} />
          <ContainersSection form={form} containers={containers.data?.items ?? []} />
          <FormSection
            title="Variables"
            text="Given to the script. Secret values are stored encrypted, masked in output and never shown again."
          >
            <VariableEditor
              variables={draft.variables}
              problem={problem}
              declared={chosen?.variables ?? null}
              onChange={(variables) => set({ variables })}
            />
          </FormSection>
          <SaveBar form={form} id={id} />
        </div>
        <FormAside id={id} script={chosen} />
      </div>
    </form>
  )
}

function ChecksSection({
  form: { draft, set, problem },
  containers,
}: {
  readonly form: ServiceForm
  readonly containers: readonly string[]
}) {
  return (
    <FormSection title="Health checks" text="What “up” means. A deploy succeeds only when all of them pass.">
      {draft.checks.length === 0 && <p className="c2 small">Without a check the state is unknown, and no deploy of it is verified.</p>}
      {draft.checks.map((check, at) => (
        <CheckEditor
          key={check.id}
          check={check}
          number={at + 1}
          containers={containers}
          problem={(field) => problem(`checks.${at}.${field}`)}
          onChange={(next) => set({ checks: draft.checks.map((one) => (one.id === check.id ? next : one)) })}
          onRemove={() => set({ checks: draft.checks.filter((one) => one.id !== check.id) })}
        />
      ))}
      <div>
        <Button small icon={<Plus className="ic s" aria-hidden="true" />} onClick={() => set({ checks: [...draft.checks, newCheck()] })}>
          Add check
        </Button>
      </div>
    </FormSection>
  )
}

/** Says that what stands here was typed before, since when, and how to be rid of it. */
function Restored({ form }: { readonly form: ServiceForm }) {
  if (!form.restored || !form.changed) return null
  return (
    <div className="mb">
      <Note
        kind="unknown"
        role="status"
        title={
          <>
            What you typed <Ago at={form.restored.at} /> is back, values of secrets excepted.
          </>
        }
        action={
          <Button small onClick={form.startAnew}>
            Start anew
          </Button>
        }
      >
        It was not saved then.
      </Note>
    </div>
  )
}

function SaveBar({ form, id }: { readonly form: ServiceForm; readonly id: string }) {
  const [discarding, setDiscarding] = useState(false)
  const back = id ? paths.service(id) : paths.services
  const count = changedSections(form.draft, form.first)
  return (
    <div className="formbar">
      <span className="c2">{form.changed ? `${count} of 5 sections changed` : 'Nothing changed'}</span>
      <span className="push row">
        <Button onClick={() => (form.changed ? setDiscarding(true) : form.leave(back))}>{form.changed ? 'Cancel…' : 'Cancel'}</Button>
        <Button look="ink" type="submit" busy={form.busy}>
          {form.busy ? (id ? 'Saving' : 'Registering') : id ? 'Save service' : 'Register service'}
        </Button>
      </span>
      {discarding && (
        <DiscardDialog
          name={id || form.draft.name || 'the new service'}
          onClose={() => setDiscarding(false)}
          onDiscard={() => form.leave(back)}
        />
      )}
    </div>
  )
}
