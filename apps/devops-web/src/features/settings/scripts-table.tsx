'use client'
import { usePerson } from '@console/console/console-provider.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { approveScript, revokeScript } from '@console/contracts/scripts/actions'
import type { Script } from '@console/contracts/scripts/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatDuration } from '@console/ui/format.ts'
import { LoadingRows } from '@console/ui/states.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'

const kinds: Record<Script['status'], StatusKind> = {
  approved: 'ok',
  changed: 'warn',
  new: 'queued',
  refused: 'denied',
  missing: 'unknown',
}

type Props = {
  readonly scripts: readonly Script[]
  readonly usedBy: (scriptId: string) => number
  readonly loading: boolean
  readonly onApprove: (script: Script) => void
  readonly onRevoke: (script: Script) => void
}

/** Scripts, those that need a decision first. */
export function ScriptsTable({ scripts, usedBy, loading, onApprove, onRevoke }: Props) {
  return (
    <table className="tbl two stk" aria-busy={loading}>
      <caption className="vh">Scripts, those that need a decision first</caption>
      <thead>
        <tr>
          <th>State</th>
          <th>Script</th>
          <th>Content</th>
          <th className="m1">Runs as</th>
          <th className="num m1">At most</th>
          <th className="num m1">Variables</th>
          <th>Used by</th>
          <th>Last decision</th>
          <th>
            <span className="vh">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {loading && <LoadingRows columns={9} />}
        {scripts.map((script) => (
          <Row key={script.scriptId} script={script} services={usedBy(script.scriptId)} onApprove={onApprove} onRevoke={onRevoke} />
        ))}
      </tbody>
    </table>
  )
}

function Row({
  script,
  services,
  onApprove,
  onRevoke,
}: {
  readonly script: Script
  readonly services: number
} & Pick<Props, 'onApprove' | 'onRevoke'>) {
  const { info } = usePerson()
  return (
    <tr data-row>
      <td className="t2">
        <Status kind={kinds[script.status]}>{script.status}</Status>
      </td>
      <td className="name t1">
        <Link href={paths.approveScript(script.scriptId)} scroll={false}>
          <b className="mono">{script.scriptId}</b>
        </Link>
        <span className="sub mono" title={script.path}>
          {script.path.startsWith(`${script.root}/`) ? script.path.slice(script.root.length + 1) : script.path}
        </span>
      </td>
      <td className="mono small nowrap" data-l="Content">
        <Content script={script} />
      </td>
      <td className="mono small c2 m1" data-l="Runs as">
        {script.user}
      </td>
      <td className="num c2 m1" data-l="At most">
        {formatDuration(script.timeoutSec * 1_000)}
      </td>
      <td className="num c2 m1" data-l="Variables" title={script.variables.join(' ')}>
        {script.variables.length}
      </td>
      <td className="c2 nowrap" data-l="Used by">
        {services === 0 ? 'none' : `${services} ${services === 1 ? 'service' : 'services'}`}
      </td>
      <td className="c2" data-l="Last decision">
        {script.reason ? (
          <span className="is-bad fg">{script.reason}</span>
        ) : script.approvedAt ? (
          <>
            approved <Ago at={script.approvedAt} />
            {script.approvedBy === info?.user.id && ' by you'}
          </>
        ) : (
          'none yet'
        )}
      </td>
      <Deeds script={script} onApprove={onApprove} onRevoke={onRevoke} />
    </tr>
  )
}

/** The digest; for what changed, what was approved and what is there now. */
function Content({ script: { status, sha256, approvedSha256 } }: { readonly script: Script }) {
  if (status === 'changed' && approvedSha256 && sha256)
    return (
      <>
        <span className="c3">{approvedSha256.slice(0, 8)}</span> → <b>{sha256.slice(0, 8)}</b>
      </>
    )
  return (sha256 ?? approvedSha256)?.slice(0, 8) ?? '–'
}

function Deeds({ script, onApprove, onRevoke }: { readonly script: Script } & Pick<Props, 'onApprove' | 'onRevoke'>) {
  const whyNot = useWhyNot()
  const readable = script.status !== 'refused' && script.status !== 'missing'
  return (
    <td className="act">
      {readable && (
        <Button
          small
          look={script.status === 'approved' ? 'quiet' : 'outlined'}
          data-key="a"
          disabledReason={whyNot(approveScript)}
          reasonHidden
          onClick={() => onApprove(script)}
        >
          {script.status === 'approved' ? 'View…' : 'Approve…'}
          <span className="vh"> {script.scriptId}</span>
        </Button>
      )}{' '}
      {script.approvedAt && (
        <Button small look="quiet" disabledReason={whyNot(revokeScript)} reasonHidden onClick={() => onRevoke(script)}>
          Revoke…
          <span className="vh"> {script.scriptId}</span>
        </Button>
      )}
    </td>
  )
}
