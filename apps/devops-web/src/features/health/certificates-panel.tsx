'use client'
import { QueryState } from '@console/console/query-state.tsx'
import type { useRead } from '@console/console/use-action.ts'
import type { listHealth } from '@console/contracts/health/actions'
import { formatDay } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'

/** The certificates that https checks have seen, the next to end first. */
export function CertificatesPanel({ health }: { readonly health: ReturnType<typeof useRead<typeof listHealth>> }) {
  const now = useNow()
  const items = (health.data?.items ?? [])
    .flatMap(({ serviceId, tlsExpiresAt }) => (tlsExpiresAt ? [{ serviceId, ends: tlsExpiresAt }] : []))
    .sort((a, b) => a.ends.localeCompare(b.ends))
  return (
    <Panel title="Certificates" actions={items.length > 0 ? <span className="label">{items.length}, soonest first</span> : undefined}>
      {health.isPending && <QueryState query={health} what="Certificates" />}
      {health.data && items.length === 0 && <Blank title="None seen yet">A check of an https address reads its certificate.</Blank>}
      {items.map(({ serviceId, ends }) => {
        const days = now === 0 ? null : Math.floor((Date.parse(ends) - now) / 86_400_000)
        return (
          <div className="minirun" key={serviceId}>
            <div className="row between">
              <Link href={paths.service(serviceId)}>
                <b>{serviceId}</b>
              </Link>
              {days !== null && (
                <Status kind={days < 3 ? 'bad' : days < 15 ? 'warn' : 'ok'}>{days < 0 ? 'ended' : `${days} d left`}</Status>
              )}
            </div>
            <p className="small c2">
              {days !== null && days < 0 ? 'Ended' : 'Ends'} on {formatDay(ends)}
            </p>
          </div>
        )
      })}
    </Panel>
  )
}
