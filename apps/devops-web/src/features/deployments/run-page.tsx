'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useDo, useRead, useWhyNot } from '@console/console/use-action.ts'
import {
  cancelDeployment,
  getDeployment,
  listDeployments,
  rerunDeployment,
  streamDeploymentLines,
} from '@console/contracts/deployments/actions'
import { whyNotNow } from '@console/contracts/deployments/run-states'
import type { Run } from '@console/contracts/deployments/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextArea } from '@console/ui/field.tsx'
import { formatBytes, formatDuration, formatInstant } from '@console/ui/format.ts'
import { LogView } from '@console/ui/log-view.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status, StatusChip } from '@console/ui/status.tsx'
import { Stepper } from '@console/ui/stepper.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import { ChevronRight, CircleStop, Link2, RotateCw } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo, useRef, useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { runStatus } from '../../lib/run-words.ts'
import { stepsOf } from './run-steps.ts'
import { useRunLines } from './use-run-lines.ts'

/** One run: where it stands, what it writes, and why it ended as it did. */
export function RunPage() {
  const [id] = useQueryState('id', parseAsString.withDefault(''))
  const whyNot = useWhyNot()
  const denied = whyNot(streamDeploymentLines)
  const asked = useRead(getDeployment, { params: { id } }, { every: 3_000, enabled: id !== '' })
  const output = useRunLines(id, denied === null)
  const run = output.run && (!asked.data || output.run.version >= asked.data.version) ? output.run : asked.data
  if (!run)
    return (
      <section className="panel">
        <QueryState query={asked} what="Run" />
      </section>
    )
  return <Known run={run} output={output} denied={denied} />
}

function Known({
  run,
  output,
  denied,
}: {
  readonly run: Run
  readonly output: ReturnType<typeof useRunLines>
  readonly denied: string | null
}) {
  const now = useNow()
  const whyNot = useWhyNot()
  const [dialog, setDialog] = useState<'cancel' | 'rerun' | null>(null)
  const { kind, word } = runStatus(run)
  const rows = useMemo(
    () => output.lines.map(({ seq, at, stream, text }) => ({ key: seq, no: stream === 'chk' ? null : seq, at, stream, text })),
    [output.lines],
  )
  const ended = run.endedAt !== null
  const took = Date.parse(run.endedAt ?? new Date(now || Date.now()).toISOString()) - Date.parse(run.startedAt ?? run.queuedAt)
  return (
    <>
      <PageHead
        crumbs={
          <>
            <Link className="link" href={paths.services}>
              Services
            </Link>
            <ChevronRight className="ic s" aria-hidden="true" />
            <Link className="link" href={paths.service(run.serviceId)}>
              {run.serviceName}
            </Link>
            <ChevronRight className="ic s" aria-hidden="true" />
            <span>Run #{run.number}</span>
          </>
        }
        title={
          <span className="row">
            {run.serviceName} #{run.number} <StatusChip kind={kind}>{word}</StatusChip>
          </span>
        }
        sub={
          <>
            “{run.reason}”, by {run.actor.name ?? run.actor.id}, {formatDuration(took)}
            {ended ? '' : ' so far'}
          </>
        }
        actions={
          <>
            <Button icon={<Link2 className="ic s" aria-hidden="true" />} onClick={() => void navigator.clipboard?.writeText(location.href)}>
              Copy link
            </Button>
            {ended ? (
              <Button
                icon={<RotateCw className="ic s" aria-hidden="true" />}
                disabledReason={whyNot(rerunDeployment) ?? whyNotNow('rerun', run.state)}
                onClick={() => setDialog('rerun')}
              >
                Run again…
              </Button>
            ) : (
              <Button
                look="risk"
                icon={<CircleStop className="ic s" aria-hidden="true" />}
                disabledReason={whyNot(cancelDeployment) ?? whyNotNow('cancel', run.state)}
                onClick={() => setDialog('cancel')}
              >
                Cancel run…
              </Button>
            )}
          </>
        }
      />
      <p className="vh" role="status">
        {run.serviceName} #{run.number} is {word}
      </p>
      <Stepper steps={stepsOf(run, now)} />
      {run.outcome && run.state !== 'succeeded' && (
        <div className="mb">
          <Note
            kind={kind}
            title={run.outcome}
            action={
              run.outcome.includes('approve') ? (
                <Link className="btn s" href={paths.approveScript(run.scriptId)}>
                  Look at the script
                </Link>
              ) : undefined
            }
          >
            {run.exitCode !== null && `Exit status ${run.exitCode}. `}
            {run.firstErrorLine !== null && `The first line that says error is line ${run.firstErrorLine}.`}
          </Note>
        </div>
      )}
      <div className="split">
        {denied ? (
          <section className="panel">
            <Blank kind="denied" title="The output is not for your role">
              {denied}
            </Blank>
          </section>
        ) : (
          <LogView
            title="Output"
            rows={rows}
            live={!ended}
            firstErrorNo={run.firstErrorLine}
            empty={ended ? 'The script wrote nothing.' : output.error ? output.error.message : 'Nothing yet.'}
            footer={`${ended ? '' : output.state === 'retrying' ? 'Connection lost, trying again. ' : 'Following '}${run.lines} lines, ${formatBytes(run.bytes)}${run.cut ? ', cut at 10 MiB' : ''}`}
          />
        )}
        <div className="stack">
          {run.checks.length > 0 && (
            <Panel
              title={run.state === 'verifying' ? 'Verifying' : 'Health checks'}
              label={run.verifyUntil ? `until ${formatInstant(run.verifyUntil)}` : undefined}
            >
              <div className="pad stack m">
                {run.checks.map((check) => (
                  <div key={check.checkId}>
                    <Status kind={check.hits >= check.needed ? 'ok' : ended ? 'bad' : 'verifying'}>{check.label}</Status>
                    <p className="small c2">
                      {check.hits} of {check.needed} in a row. {check.lastNote}
                    </p>
                  </div>
                ))}
              </div>
            </Panel>
          )}
          <Panel title="Run">
            <div className="pad">
              <Facts
                items={[
                  ['Reason', run.reason],
                  ['By', run.actor.name ?? run.actor.id],
                  ['Queued', formatInstant(run.queuedAt)],
                  run.startedAt ? ['Started', formatInstant(run.startedAt)] : null,
                  run.endedAt ? ['Ended', formatInstant(run.endedAt)] : null,
                  [
                    'Script',
                    <>
                      <span className="mono">{run.scriptId}</span>
                      {run.scriptSha256 && (
                        <>
                          <br />
                          <Status kind="ok">approved {run.scriptSha256.slice(0, 8)}</Status>
                        </>
                      )}
                    </>,
                  ],
                  ['Runs', `as ${run.user ?? '–'}${run.unit ? `, unit ${run.unit}` : ', a process group'}`],
                  run.deadlineAt ? ['Ends at', formatInstant(run.deadlineAt)] : null,
                  run.exitCode === null ? null : ['Exit', run.signal ? `ended by ${run.signal}` : String(run.exitCode)],
                  run.variableNames.length > 0
                    ? [
                        'Gets',
                        <span key="v" className="mono small">
                          {run.variableNames.join(' ')}
                        </span>,
                      ]
                    : null,
                  run.cancelledBy ? ['Cancelled by', run.cancelledBy] : null,
                  run.rerunOf
                    ? [
                        'Repeats',
                        <Link key="r" className="link" href={paths.deployment(run.rerunOf)}>
                          an earlier run
                        </Link>,
                      ]
                    : null,
                  [
                    'Audit',
                    <Link key="a" className="link" href={paths.auditOf(run.requestId)}>
                      its rows
                    </Link>,
                  ],
                ]}
              />
            </div>
          </Panel>
          {run.steps.length > 0 && (
            <Panel title="Steps of the script">
              <ul className="feed padv">
                {run.steps.map((step) => (
                  <li key={`${step.name} ${step.at}`} className="wide">
                    <time dateTime={step.at}>{step.at.slice(11, 19)}</time>
                    <span />
                    <span>{step.name}</span>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
        </div>
      </div>
      {dialog && <ReasonDialog run={run} deed={dialog} onClose={() => setDialog(null)} />}
    </>
  )
}

function ReasonDialog({ run, deed, onClose }: { readonly run: Run; readonly deed: 'cancel' | 'rerun'; readonly onClose: () => void }) {
  const router = useRouter()
  const changes = [listDeployments, getDeployment]
  const cancel = useDo(cancelDeployment, { changes })
  const rerun = useDo(rerunDeployment, { changes })
  const [reason, setReason] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const { isPending, error } = deed === 'cancel' ? cancel : rerun
  const input = { params: { id: run.id }, body: { reason: reason.trim() }, activity: true }
  const go = (): void =>
    deed === 'cancel'
      ? cancel.mutate(input, { onSuccess: onClose })
      : rerun.mutate(input, {
          onSuccess: (next) => {
            onClose()
            router.push(paths.deployment(next.id))
          },
        })
  const title = deed === 'cancel' ? `Cancel ${run.serviceName} #${run.number}?` : `Run ${run.serviceName} again?`
  const sub =
    deed === 'cancel'
      ? run.state === 'verifying'
        ? 'The script has ended already; only the waiting for health ends.'
        : 'Every process that the script started is asked to end, then killed. What it did so far stays.'
      : 'With the script and the variables as they are now.'
  return (
    <Dialog
      open
      onClose={onClose}
      busy={isPending}
      title={title}
      sub={sub}
      initialFocus={field}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose}>
            {deed === 'cancel' ? 'Keep it running' : 'Cancel'}
          </button>
          <Button
            look={deed === 'cancel' ? 'danger' : 'ink'}
            busy={isPending}
            disabledReason={reason.trim().length < 3 ? 'Give a reason of at least 3 characters' : null}
            reasonHidden
            onClick={go}
          >
            {deed === 'cancel' ? (isPending ? 'Cancelling' : 'Cancel the run') : 'Run again'}
          </Button>
        </span>
      }
    >
      {error && (
        <Note kind="bad" role="alert" title={error.message}>
          {error.code}, request {error.requestId}
        </Note>
      )}
      <TextArea
        ref={field}
        label="Reason"
        rows={2}
        value={reason}
        hint="Kept in the audit log."
        onChange={(event) => setReason(event.target.value)}
      />
    </Dialog>
  )
}
