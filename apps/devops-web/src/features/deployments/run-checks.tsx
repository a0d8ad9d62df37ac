'use client'
import type { Run } from '@console/contracts/deployments/schemas'
import { formatClock, formatDuration } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { ProgressBar } from '@console/ui/progress-bar.tsx'
import { Glyph, Status } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'

/** What the health checks said after exit 0: hits in a row, hits still needed, and how much of the window is used. */
export function RunChecks({ run }: { readonly run: Run }) {
  if (run.checks.length === 0) return null
  const verifying = run.state === 'verifying'
  const windowMs = run.verifyUntil && run.exitedAt ? Date.parse(run.verifyUntil) - Date.parse(run.exitedAt) : null
  return (
    <Panel
      title={verifying ? 'Verifying' : 'Health checks'}
      actions={windowMs !== null ? <span className="label">{formatDuration(windowMs)} window</span> : undefined}
    >
      <div className="pad stack m">
        {run.checks.map((check) => (
          <Check key={check.checkId} check={check} ended={run.endedAt !== null} />
        ))}
        {verifying && windowMs !== null && <Window run={run} windowMs={windowMs} />}
      </div>
    </Panel>
  )
}

function Check({ check: { label, hits, needed, lastNote }, ended }: { readonly check: Run['checks'][number]; readonly ended: boolean }) {
  const passed = hits >= needed
  return (
    <div className="stack tight2">
      <Status kind={passed ? 'ok' : ended ? 'bad' : 'verifying'}>{label}</Status>
      <div className="probes" role="img" aria-label={`${hits} of ${needed} passes in a row`}>
        {Array.from({ length: Math.min(needed, 8) }, (_, at) => (
          <i key={at} className={at < hits ? '' : 'n'}>
            {at < hits && <Glyph kind="ok" size="s" />}
          </i>
        ))}
      </div>
      <p className="small c2">
        {hits} of {needed} in a row{lastNote ? `, last: ${lastNote}` : ''}
      </p>
    </div>
  )
}

function Window({ run, windowMs }: { readonly run: Run; readonly windowMs: number }) {
  const now = useNow()
  if (now === 0 || run.exitedAt === null || run.verifyUntil === null) return null
  const used = Math.min(windowMs, Math.max(0, now - Date.parse(run.exitedAt)))
  return (
    <div className="stack tight2 is-live">
      <ProgressBar ratio={used / windowMs} label={`${Math.round((used / windowMs) * 100)} percent of the window is used`} />
      <p className="small c2">
        {formatDuration(used)} of {formatDuration(windowMs)} used. Unless every check passes by {formatClock(run.verifyUntil, false)} UTC
        the run fails.
      </p>
    </div>
  )
}
