'use client'
import type { ApiError } from '@console/api-client/client'
import { useConsole } from '@console/console/console-provider.tsx'
import { reasonTrouble } from '@console/console/reason-rule.ts'
import { useDo, useKnown, useRead, useWhyNot } from '@console/console/use-action.ts'
import { getDeployment, listDeployments, triggerDeployment } from '@console/contracts/deployments/actions'
import { listScripts } from '@console/contracts/scripts/actions'
import type { Script } from '@console/contracts/scripts/schemas'
import { listServices } from '@console/contracts/services/actions'
import type { Service } from '@console/contracts/services/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { TextArea } from '@console/ui/field.tsx'
import { Facts } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Rocket } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { paths } from '../../lib/paths.ts'
import { useKeptReason } from './use-kept-reason.ts'

/** Why this service cannot be deployed now; null when it can. The API decides by the same facts. */
function whyNoDeploy(service: Pick<Service, 'scriptId' | 'openRun' | 'onBusy'>): string | null {
  if (service.scriptId === null) return 'No script is chosen'
  return service.openRun && service.onBusy === 'refuse' ? `#${service.openRun.number} is under way` : null
}

/** Opens the dialog; disabled with its reason. The ink one is the page's own deed and answers to the key D. */
export function DeployButton({
  service,
  small = false,
  ink = false,
}: {
  readonly service: Service
  readonly small?: boolean
  readonly ink?: boolean
}) {
  const [open, setOpen] = useState(false)
  const whyNot = useWhyNot()
  const reason = whyNot(triggerDeployment) ?? whyNoDeploy(service)
  useEffect(() => {
    if (!ink || reason !== null) return
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event
      const elsewhere = target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
      if (event.key !== 'd' || event.ctrlKey || event.metaKey || event.altKey || elsewhere || document.querySelector('[role="dialog"]'))
        return
      event.preventDefault()
      setOpen(true)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [ink, reason])
  return (
    <>
      <Button
        look={ink ? 'ink' : 'outlined'}
        small={small}
        data-key="d"
        aria-keyshortcuts={ink ? 'd' : undefined}
        disabledReason={reason}
        reasonHidden={small}
        icon={small ? undefined : <Rocket className="ic s" aria-hidden="true" />}
        onClick={() => setOpen(true)}
      >
        Deploy…
        {small && <span className="vh"> {service.name}</span>}
        {ink && (
          <kbd className="not-s" aria-hidden="true">
            D
          </kbd>
        )}
      </Button>
      {open && <DeployDialog service={service} onClose={() => setOpen(false)} />}
    </>
  )
}

/** The reason is asked for; what runs, as whom, and when it counts as success stands beside it. */
function DeployDialog({ service, onClose }: { readonly service: Service; readonly onClose: () => void }) {
  const scripts = useRead(listScripts, {})
  const trigger = useDo(triggerDeployment, { changes: [listDeployments, listServices], leaves: true })
  const known = useKnown(getDeployment)
  const router = useRouter()
  useReadyFor(router)
  const { reason, setReason, forget } = useKeptReason(service.id)
  const field = useRef<HTMLTextAreaElement>(null)
  const script = scripts.data?.items.find(({ scriptId }) => scriptId === service.scriptId)
  const changed = script && script.status !== 'approved'
  const blocked = changed ? 'The script is not approved as it is now' : reasonTrouble(reason)
  const deploy = (): void =>
    trigger.mutate(
      { params: { serviceId: service.id }, body: { reason: reason.trim() }, activity: true },
      {
        onSuccess: (run) => {
          forget()
          known({ params: { id: run.id } }, run)
          router.push(paths.deployment(run.id))
        },
      },
    )
  return (
    <Dialog
      open
      onClose={onClose}
      busy={trigger.isPending}
      title={`Deploy ${service.name} to ${service.environment}?`}
      initialFocus={field}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <Button look="ink" busy={trigger.isPending} disabledReason={blocked} reasonHidden onClick={deploy}>
            {trigger.isPending ? 'Asking the host' : `Deploy ${service.name}`}
          </Button>
        </span>
      }
    >
      <Hindrance error={trigger.error} script={script} scriptId={service.scriptId} />
      <TextArea
        ref={field}
        label="Reason"
        rows={2}
        value={reason}
        hint="Kept in the audit log and shown with the run."
        onChange={(event) => setReason(event.target.value)}
      />
      <WhatRuns service={service} script={script} />
    </Dialog>
  )
}

/** Why the host refused it, or would. */
function Hindrance({
  error,
  script,
  scriptId,
}: {
  readonly error: ApiError | null
  readonly script: Script | undefined
  readonly scriptId: string | null
}) {
  return (
    <>
      {error && (
        <Note
          kind="bad"
          role="alert"
          title={error.message}
          action={
            error.code.startsWith('SCRIPT_') && (
              <Link className="btn s" href={paths.approveScript(scriptId ?? '')}>
                Look at the script
              </Link>
            )
          }
        >
          {error.code}, request {error.requestId}
        </Note>
      )}
      {script && script.status !== 'approved' && (
        <Note
          kind="warn"
          title={script.status === 'changed' ? 'The script changed after it was approved.' : 'The script is not approved.'}
          action={
            <Link className="btn s" href={paths.approveScript(script.scriptId)}>
              Look at it
            </Link>
          }
        >
          Only what an admin approved runs.
        </Note>
      )}
    </>
  )
}

/** What runs, as whom, with what, and when it counts as success. */
function WhatRuns({ service, script }: { readonly service: Service; readonly script: Script | undefined }) {
  return (
    <Facts
      boxed
      items={[
        [
          'Script',
          script ? (
            <>
              <span className="mono">{script.path}</span>
              <br />
              {script.status === 'approved' ? (
                <Status kind="ok">approved {script.approvedSha256?.slice(0, 8)}</Status>
              ) : (
                <Status kind="warn">{script.status}</Status>
              )}
            </>
          ) : (
            (service.scriptId ?? '–')
          ),
        ],
        ['Runs as', script ? `${script.user}, at most ${script.timeoutSec} s` : '–'],
        ['Gets', service.variableNames.length > 0 ? <span className="mono small">{service.variableNames.join(' ')}</span> : 'no variables'],
        [
          'Succeeds',
          service.checks.length > 0
            ? `when ${service.checks.length === 1 ? 'its health check passes' : `all ${service.checks.length} health checks pass`} within ${service.verifyWindowSec} s of exit 0`
            : 'with exit 0; no health check can say more',
        ],
        service.openRun ? ['In line', `after #${service.openRun.number}, which is ${service.openRun.state}`] : null,
      ]}
    />
  )
}

/** While the reason is written, what the click will need is fetched: the page of the run and the token of the change. */
function useReadyFor(router: ReturnType<typeof useRouter>): void {
  const { client } = useConsole()
  useEffect(() => {
    router.prefetch(paths.deployment(''))
    client.prepare('devops')
  }, [router, client])
}
