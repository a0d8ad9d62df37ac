'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listContainers } from '@console/contracts/docker/actions'
import { listScripts } from '@console/contracts/scripts/actions'
import { createService, getService, listServices, listVariables, setVariables, updateService } from '@console/contracts/services/actions'
import { Button } from '@console/ui/button.tsx'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { useQueryClient } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { parseAsString, useQueryState } from 'nuqs'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { CheckEditor } from './check-editor.tsx'
import { bodyOf, type Draft, draftOf, emptyDraft, newCheck, problemsOf, variablesOf } from './service-draft.ts'
import { VariableEditor } from './variable-editor.tsx'

const draftKey = (id: string): string => `bytelyst.service-draft.v1.${id || 'new'}`

/** Registers a service or changes one: five sections, kept on this device while one types, secrets excepted. */
export function ServiceFormPage() {
  const [id] = useQueryState('id', parseAsString.withDefault(''))
  const whyNot = useWhyNot()
  const denied = whyNot(id ? updateService : createService)
  const service = useRead(getService, { params: { id } }, { enabled: id !== '' && denied === null })
  const variables = useRead(listVariables, { params: { id } }, { enabled: id !== '' && denied === null })
  if (denied)
    return (
      <div className="panel">
        <Blank kind="denied" title="Not for your role">
          {denied}
        </Blank>
      </div>
    )
  if (id === '') return <Form id="" etag="" variablesEtag="none" start={emptyDraft} />
  if (!service.data || !variables.data)
    return (
      <section className="panel">
        <QueryState query={service} what="Service" />
      </section>
    )
  return (
    <Form
      key={id}
      id={id}
      etag={service.data.etag}
      variablesEtag={variables.data.etag}
      start={draftOf(service.data, variables.data.items)}
    />
  )
}

function Form({
  id,
  etag,
  variablesEtag,
  start,
}: {
  readonly id: string
  readonly etag: string
  readonly variablesEtag: string
  readonly start: Draft
}) {
  const { client } = useConsole()
  const queries = useQueryClient()
  const router = useRouter()
  const [draft, setDraft] = useState<Draft>(start)
  const [busy, setBusy] = useState(false)
  const [tried, setTried] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const tags = useRef({ etag, variablesEtag })
  const summary = useRef<HTMLDivElement>(null)
  const scripts = useRead(listScripts, {})
  const containers = useRead(listContainers, {})
  const set = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }))
  const problems = tried ? [...problemsOf(draft), ...(error?.fields ?? []).map(({ field, message }) => ({ field, message }))] : []
  const problem = (field: string): string | null =>
    problems.find((one) => one.field === field || one.field === `body.${field}`)?.message ?? null
  const changed = JSON.stringify(draft) !== JSON.stringify(start)

  useEffect(() => {
    const kept = localStorage.getItem(draftKey(id))
    if (kept) setDraft((before) => ({ ...before, ...(JSON.parse(kept) as Partial<Draft>) }))
  }, [id])
  useEffect(() => {
    if (!changed) return
    const safe = { ...draft, variables: draft.variables.map((variable) => (variable.secret ? { ...variable, value: null } : variable)) }
    localStorage.setItem(draftKey(id), JSON.stringify(safe))
  }, [draft, changed, id])

  const leave = (href: string): void => {
    localStorage.removeItem(draftKey(id))
    router.push(href)
  }
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setTried(true)
    setError(null)
    if (busy) return
    if (problemsOf(draft).length > 0) {
      setTimeout(() => summary.current?.focus())
      return
    }
    setBusy(true)
    try {
      const body = bodyOf(draft)
      const saved = id
        ? await client.call(updateService, { params: { id }, body, ifMatch: tags.current.etag })
        : await client.call(createService, { body })
      tags.current.etag = saved.etag
      if (draft.variables.length > 0 || tags.current.variablesEtag !== 'none')
        await client.call(setVariables, {
          params: { id: saved.id },
          body: { items: variablesOf(draft) },
          ifMatch: tags.current.variablesEtag,
        })
      await Promise.all([listServices, getService, listVariables].map((action) => queries.invalidateQueries({ queryKey: [action.id] })))
      leave(paths.service(saved.id))
    } catch (thrown) {
      setError(thrown as ApiError)
      setTimeout(() => summary.current?.focus())
    } finally {
      setBusy(false)
    }
  }
  const chosen = scripts.data?.items.find(({ scriptId }) => scriptId === draft.scriptId)
  const matching = (containers.data?.items ?? []).filter(({ project, name }) =>
    draft.containersBy === 'project'
      ? project === draft.project
      : draft.containersBy === 'names' &&
        draft.containerNames
          .split(',')
          .map((one) => one.trim())
          .includes(name),
  )
  return (
    <form onSubmit={(event) => void save(event)} noValidate>
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
        sub="Kept on this device while you type; saved when you press the button."
      />
      {(problems.length > 0 || error) && (
        <div className="errsum" ref={summary} tabIndex={-1} role="alert">
          <p className="strong">
            {error && problems.length === 0
              ? error.message
              : `${problems.length} ${problems.length === 1 ? 'field needs' : 'fields need'} another value`}
          </p>
          {problems.length > 0 && (
            <ul>
              {problems.map(({ field, message }) => (
                <li key={field + message}>
                  {field}: {message}
                </li>
              ))}
            </ul>
          )}
          {error && (
            <p className="small">
              {error.code}
              {error.requestId && `, request ${error.requestId}`}
              {error.code === 'PRECONDITION_FAILED' && (
                <>
                  .{' '}
                  <Link className="link" href={paths.service(id)}>
                    See what it is now
                  </Link>
                  ; what you typed stays here.
                </>
              )}
            </p>
          )}
        </div>
      )}
      <div className="cols c-8-4">
        <div className="stack">
          <Section title="Identity" text="How people and alerts name it.">
            <div className="g2">
              <TextField
                label="Name"
                mono
                value={draft.name}
                readOnly={id !== ''}
                hint={id ? 'Also the id, so it stays' : 'Lower case, digits and dashes; also the id'}
                error={problem('name')}
                onChange={(event) => set({ name: event.target.value })}
              />
              <SelectField
                label="Environment"
                value={draft.environment}
                options={['production', 'staging', 'development', 'internal'].map((value) => ({ value, label: value }))}
                onChange={(event) => set({ environment: event.target.value as Draft['environment'] })}
              />
              <div className="w2">
                <TextField
                  label="Description"
                  value={draft.description}
                  error={problem('description')}
                  onChange={(event) => set({ description: event.target.value })}
                />
              </div>
              <TextField label="Owner" value={draft.owner} onChange={(event) => set({ owner: event.target.value })} />
              <TextField
                label="Tags"
                hint="Separated by commas"
                value={draft.tags}
                onChange={(event) => set({ tags: event.target.value })}
              />
              <TextField
                label="Address"
                mono
                value={draft.url}
                error={problem('url')}
                onChange={(event) => set({ url: event.target.value })}
              />
              <TextField
                label="Repository"
                mono
                value={draft.repository}
                error={problem('repository')}
                onChange={(event) => set({ repository: event.target.value })}
              />
            </div>
          </Section>
          <Section title="Health checks" text="What “up” means. A deploy succeeds only when all of them pass.">
            {draft.checks.map((check, at) => (
              <CheckEditor
                key={check.id}
                check={check}
                number={at + 1}
                containers={(containers.data?.items ?? []).map(({ name }) => name)}
                problem={(field) => problem(`checks.${at}.${field}`)}
                onChange={(next) => set({ checks: draft.checks.map((one) => (one.id === check.id ? next : one)) })}
                onRemove={() => set({ checks: draft.checks.filter((one) => one.id !== check.id) })}
              />
            ))}
            <div>
              <Button small onClick={() => set({ checks: [...draft.checks, newCheck()] })}>
                Add check
              </Button>
            </div>
          </Section>
          <Section title="Deploy" text="Only a script that an admin has approved may run.">
            <QueryState query={scripts} what="Scripts" />
            {scripts.data && (
              <div className="pick" role="radiogroup" aria-label="Script">
                {[
                  ...scripts.data.items.map(({ scriptId, path, status, approvedSha256, user, timeoutSec }) => ({
                    value: scriptId as string | null,
                    name: scriptId,
                    sub: path,
                    status,
                    side: `${status}${approvedSha256 ? ` ${approvedSha256.slice(0, 8)}` : ''}`,
                    more: `as ${user} · ${timeoutSec} s`,
                  })),
                  { value: null, name: 'No script', sub: 'Watched only. Deploys happen elsewhere.', status: 'none', side: '', more: '' },
                ].map((option) => (
                  <label key={option.name} className={`opt ${draft.scriptId === option.value ? 'on' : ''}`}>
                    <input
                      className="vh"
                      type="radio"
                      name="script"
                      checked={draft.scriptId === option.value}
                      onChange={() => set({ scriptId: option.value })}
                    />
                    <i aria-hidden="true" />
                    <div className="row w between">
                      <div>
                        <b>{option.name}</b>
                        <span className={`sub ${option.value ? 'mono' : ''}`}>{option.sub}</span>
                      </div>
                      {option.side && (
                        <div className="scr small">
                          {
                            <Status
                              kind={
                                option.status === 'approved'
                                  ? 'ok'
                                  : option.status === 'refused' || option.status === 'missing'
                                    ? 'bad'
                                    : 'warn'
                              }
                            >
                              {option.side}
                            </Status>
                          }
                          <span className="sub">{option.more}</span>
                        </div>
                      )}
                    </div>
                  </label>
                ))}
              </div>
            )}
            <p className="small c2">
              New or changed scripts: an admin can{' '}
              <Link className="link" href={paths.scripts}>
                approve a script
              </Link>{' '}
              in Settings; this form keeps what you typed.
            </p>
            <div className="g3">
              <SelectField
                label="If one runs"
                value={draft.onBusy}
                options={[
                  { value: 'queue', label: 'the next waits in line' },
                  { value: 'refuse', label: 'the next is refused' },
                ]}
                onChange={(event) => set({ onBusy: event.target.value as Draft['onBusy'] })}
              />
              <TextField
                label="Checks pass within, s"
                inputMode="numeric"
                value={draft.verifyWindowSec}
                error={problem('verifyWindowSec')}
                onChange={(event) => set({ verifyWindowSec: event.target.value })}
              />
            </div>
          </Section>
          <Section title="Containers" text="Join its logs and restarts.">
            <div className="g2">
              <SelectField
                label="Found by"
                value={draft.containersBy}
                options={[
                  { value: 'none', label: 'it has none' },
                  { value: 'project', label: 'compose project' },
                  { value: 'names', label: 'names' },
                ]}
                onChange={(event) => set({ containersBy: event.target.value as Draft['containersBy'] })}
              />
              {draft.containersBy === 'project' && (
                <TextField
                  label="Project"
                  mono
                  value={draft.project}
                  error={problem('project')}
                  onChange={(event) => set({ project: event.target.value })}
                />
              )}
              {draft.containersBy === 'names' && (
                <TextField
                  label="Names"
                  mono
                  hint="Whole names, separated by commas"
                  value={draft.containerNames}
                  error={problem('containerNames')}
                  onChange={(event) => set({ containerNames: event.target.value })}
                />
              )}
            </div>
            {draft.containersBy !== 'none' && (
              <p>
                {matching.length > 0 ? (
                  <Status kind="ok">
                    {matching.length} match: {matching.map(({ name }) => name).join(', ')}
                  </Status>
                ) : (
                  <Status kind="unknown">none matches now</Status>
                )}
              </p>
            )}
          </Section>
          <Section
            title="Variables"
            text="Given to the script. Secret values are stored encrypted, masked in output and never shown again."
          >
            <VariableEditor variables={draft.variables} problem={problem} onChange={(variables) => set({ variables })} />
            {chosen && (
              <p className="small c2">
                The script declares <span className="mono">{chosen.variables.join(' ') || 'no variable'}</span>.
              </p>
            )}
          </Section>
          <div className="formbar">
            <span className="c2">{changed ? 'Changed, not saved' : 'Nothing changed'}</span>
            <span className="push row">
              <Button onClick={() => leave(id ? paths.service(id) : paths.services)}>Cancel</Button>
              <Button look="ink" type="submit" busy={busy}>
                {busy ? 'Saving' : id ? 'Save service' : 'Register service'}
              </Button>
            </span>
          </div>
        </div>
        <div className="stack">
          <Panel title={id ? 'When you save it' : 'When you register it'}>
            <ul className="feed padv">
              <li className="wide2">
                <span />
                <span>Checks begin within seconds; it counts as unknown until the first result.</span>
              </li>
              <li className="wide2">
                <span />
                <span>Nothing is deployed or restarted.</span>
              </li>
              <li className="wide2">
                <span />
                <span>Who changed what stands in Audit.</span>
              </li>
            </ul>
          </Panel>
          {chosen && chosen.status !== 'approved' && (
            <Note
              kind="warn"
              title={`${chosen.scriptId} is ${chosen.status}`}
              action={
                <Link className="btn s" href={paths.approveScript(chosen.scriptId)}>
                  Look at it
                </Link>
              }
            >
              Until an admin approves it, deploys are refused.
            </Note>
          )}
        </div>
      </div>
    </form>
  )
}

function Section({ title, text, children }: { readonly title: string; readonly text: string; readonly children: ReactNode }) {
  return (
    <section className="panel fs">
      <div className="fsh">
        <h2>{title}</h2>
        <p>{text}</p>
      </div>
      <div className="fsb">{children}</div>
    </section>
  )
}
