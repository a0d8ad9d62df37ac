'use client'
import { useWhyNot } from '@console/console/use-action.ts'
import { cancelDeployment, rerunDeployment } from '@console/contracts/deployments/actions'
import { whyNotNow } from '@console/contracts/deployments/run-states'
import type { Run } from '@console/contracts/deployments/schemas'
import { Button } from '@console/ui/button.tsx'
import { CopyLinkButton } from '@console/ui/copy-link-button.tsx'
import { formatDuration } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { StatusChip } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import { ChevronRight, CircleStop, RotateCw } from 'lucide-react'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { runStatus } from '../../lib/run-words.ts'

type Props = { readonly run: Run; readonly onAsk: (deed: 'cancel' | 'rerun') => void }

/** Which run this is, how it stands, who asked for it and why, and what can be done now. */
export function RunHead({ run, onAsk }: Props) {
  const now = useNow()
  const whyNot = useWhyNot()
  const { kind, word } = runStatus(run)
  const ended = run.endedAt !== null
  const until = run.endedAt === null ? now : Date.parse(run.endedAt)
  return (
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
        <span className="row gap3 w">
          {run.serviceName} #{run.number} <StatusChip kind={kind}>{word}</StatusChip>
        </span>
      }
      sub={
        <>
          “{run.reason}”, by {run.actor.name ?? run.actor.id}
          {until > 0 && `, ${formatDuration(until - Date.parse(run.startedAt ?? run.queuedAt))}`}
          {ended ? '' : run.startedAt ? ' so far' : ' in line'}
        </>
      }
      actions={
        <>
          <CopyLinkButton />
          {ended ? (
            <Button
              icon={<RotateCw className="ic s" aria-hidden="true" />}
              disabledReason={whyNot(rerunDeployment) ?? whyNotNow('rerun', run.state)}
              onClick={() => onAsk('rerun')}
            >
              Run again…
            </Button>
          ) : (
            <span className="not-s">
              <CancelButton run={run} onAsk={onAsk} />
            </span>
          )}
        </>
      }
    />
  )
}

/** Stands in the head, and on a phone at the bottom, where the thumb is while one follows the output. */
export function CancelButton({ run, onAsk }: Props) {
  const whyNot = useWhyNot()
  return (
    <Button
      look="risk"
      icon={<CircleStop className="ic s" aria-hidden="true" />}
      disabledReason={whyNot(cancelDeployment) ?? whyNotNow('cancel', run.state)}
      onClick={() => onAsk('cancel')}
    >
      Cancel run…
    </Button>
  )
}
