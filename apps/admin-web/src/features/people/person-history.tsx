'use client'
import { foldRows } from '@console/console/fold-rows.ts'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listPlatformAuditRows } from '@console/contracts/audit/actions'
import type { AuditRow } from '@console/contracts/audit/schemas'
import type { User } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { formatInstant } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Glyph, type StatusKind, toneOf } from '@console/ui/status.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'

const shown = 10
const kinds: Record<AuditRow['outcome'], StatusKind> = {
  started: 'running',
  done: 'ok',
  failed: 'bad',
  denied: 'denied',
  unknown: 'unknown',
}

/** What was done about a person lately, and the way to all of it and to what they did themselves. */
export function PersonHistory({ user }: { readonly user: User }) {
  const rows = useRead(listPlatformAuditRows, { query: { target: user.id, limit: '30' } }, { every: 15_000 })
  const lines = foldRows((rows.data?.items ?? []).filter(({ target }) => target === user.id)).slice(0, shown)
  return (
    <Panel
      title="Lately"
      label="what was done about them"
      footer={
        <span className="row w gap3">
          <Link className="link" href={paths.auditAbout(user.id)}>
            All about them
          </Link>
          <Link className="link" href={paths.auditBy(user.id)}>
            All they did
          </Link>
        </span>
      }
    >
      <QueryState query={rows} what="Audit rows" />
      {rows.data && lines.length === 0 && <Blank title="Nothing yet" />}
      {lines.map(({ row }) => (
        <div className="fact" key={row.seq}>
          <span className={`fg ${toneOf(kinds[row.outcome])}`}>
            <Glyph kind={kinds[row.outcome]} />
          </span>
          <div className="grow">
            <p className="cut" title={row.action}>
              {row.action}
              {row.code && <span className="c3"> {row.code}</span>}
            </p>
            <p className="small c2">
              <time dateTime={row.at}>{formatInstant(row.at)}</time> · {cleanLogText(row.actor.name ?? row.actor.id)}
            </p>
          </div>
          <span className="vh">{row.outcome}</span>
        </div>
      ))}
    </Panel>
  )
}
