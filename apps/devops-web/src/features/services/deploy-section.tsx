'use client'
import { QueryState } from '@console/console/query-state.tsx'
import type { useRead } from '@console/console/use-action.ts'
import type { listScripts } from '@console/contracts/scripts/actions'
import type { Script } from '@console/contracts/scripts/schemas'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { formatDuration } from '@console/ui/format.ts'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { paths } from '../../lib/paths.ts'
import { FormSection } from './form-section.tsx'
import type { Draft } from './service-draft.ts'
import type { ServiceForm } from './use-service-form.ts'

const kinds: Record<Script['status'], StatusKind> = {
  approved: 'ok',
  changed: 'warn',
  new: 'queued',
  refused: 'denied',
  missing: 'unknown',
}

/** Which script deploys the service, and when a run counts as success. */
export function DeploySection({
  form,
  scripts,
}: {
  readonly form: ServiceForm
  readonly scripts: ReturnType<typeof useRead<typeof listScripts>>
}) {
  const { draft, set, problem } = form
  return (
    <FormSection title="Deploy" text="Only a script that an admin has approved may run.">
      <div className="field">
        <span className="flabel">Script</span>
        <QueryState query={scripts} what="Scripts" />
        {scripts.data && (
          <div className="pick" role="radiogroup" aria-label="Script">
            {scripts.data.items.map((script) => (
              <Option key={script.scriptId} form={form} value={script.scriptId} sub={under(script)} mono>
                <Status kind={kinds[script.status]}>
                  {script.status} <span className="mono">{(script.approvedSha256 ?? script.sha256)?.slice(0, 8)}</span>
                </Status>
                <span className="sub">
                  {script.status === 'approved' ? '' : 'runs only once approved · '}as {script.user} ·{' '}
                  {formatDuration(script.timeoutSec * 1_000)}
                </span>
              </Option>
            ))}
            <Option form={form} value={null} sub="Watched only. Deploys happen elsewhere." />
          </div>
        )}
        <p className="hint">
          New or changed scripts: an admin can{' '}
          <Link className="link" href={paths.scripts}>
            approve a script
          </Link>{' '}
          in Settings; this form keeps what you typed.
        </p>
      </div>
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
          data-field="verifyWindowSec"
          value={draft.verifyWindowSec}
          error={problem('verifyWindowSec')}
          onChange={(event) => set({ verifyWindowSec: event.target.value })}
        />
      </div>
    </FormSection>
  )
}

function under({ path, root }: Script): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
}

function Option({
  form: { draft, set },
  value,
  sub,
  mono = false,
  children,
}: {
  readonly form: ServiceForm
  readonly value: string | null
  readonly sub: string
  readonly mono?: boolean
  readonly children?: ReactNode
}) {
  const on = draft.scriptId === value
  return (
    <label className={`opt ${on ? 'on' : ''}`}>
      <input className="vh" type="radio" name="script" checked={on} onChange={() => set({ scriptId: value })} />
      <i aria-hidden="true" />
      <div className="row w between">
        <div>
          <b className={mono ? 'mono' : ''}>{value ?? 'No script'}</b>
          <span className={`sub ${mono ? 'mono' : ''}`}>{sub}</span>
        </div>
        {children && <div className="scr small">{children}</div>}
      </div>
    </label>
  )
}
