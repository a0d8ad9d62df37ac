'use client'
import type { RefusedRun } from '@console/contracts/deployments/schemas'
import { Note } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'

const words: Record<string, string> = {
  SCRIPT_CHANGED: 'its script changed after it was approved',
  SCRIPT_NOT_APPROVED: 'its script is not approved',
  SCRIPT_REFUSED: 'the host refuses its script',
  SCRIPT_NOT_FOUND: 'its script is missing',
  SCRIPT_VARIABLE_UNKNOWN: 'it has a variable that the script does not declare',
  SERVICE_NO_SCRIPT: 'it has no script',
  RUN_BUSY: 'a run was under way',
  HOST_AGENT_AWAY: 'host-agent was away',
  AUTH_FORBIDDEN: 'the role does not allow it',
}

/** The last deploys that never became a run, and where to go about it. */
export function RefusedNotes({ refused, inside = false }: { readonly refused: readonly RefusedRun[]; readonly inside?: boolean }) {
  if (refused.length === 0) return null
  return (
    <div className={inside ? 'pad stack m' : 'stack m'}>
      {refused.slice(0, 3).map((one) => (
        <Note
          key={one.requestId}
          kind={one.code.startsWith('SCRIPT_') ? 'warn' : 'denied'}
          title={
            <>
              A deploy of {one.serviceId} was refused <Ago at={one.at} />: {words[one.code] ?? one.code}.
            </>
          }
          action={
            <Link className="btn s" href={one.code.startsWith('SCRIPT_') ? paths.scripts : paths.auditOf(one.requestId)}>
              {one.code.startsWith('SCRIPT_') ? 'Look at the script' : 'Audit rows'}
            </Link>
          }
        >
          Asked by {one.actor.name ?? one.actor.id}. It never became a run. <span className="mono small c3">{one.code}</span>
        </Note>
      ))}
    </div>
  )
}
