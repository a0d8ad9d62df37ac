import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { getCleanupLog, getHealthLog, getWatchdogLog } from '@console/contracts/vm/actions'
import type { VmLog } from '@console/contracts/vm/schemas'
import { formatBytes } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { parseAsStringLiteral, useQueryState } from 'nuqs'

const logs = ['cleanup', 'health-check', 'watchdog'] as const
const reads = { cleanup: getCleanupLog, 'health-check': getHealthLog, watchdog: getWatchdogLog } as const
const writers = { cleanup: 'vm-cleanup.sh', 'health-check': 'vm-health-check.sh --log', watchdog: 'docker-watchdog.sh' } as const

/** The ends of the three logs that the scripts of the VM write, one at a time. */
export function LogsPanel() {
  const [log, setLog] = useQueryState('log', parseAsStringLiteral(logs).withDefault('cleanup'))
  const query = useRead(reads[log], { query: { lines: '200' } }, { every: 30_000 })
  // While another log is on its way the one before is still there: it must not stand under the wrong name.
  const data = query.data?.log === log ? query.data : undefined
  return (
    <Panel
      title="Logs"
      label={data?.changedAt && <Written log={data} />}
      actions={
        <Segmented
          small
          label="Which log"
          value={log}
          onChange={(next) => void setLog(next)}
          options={[
            { value: 'cleanup', label: 'Cleanup' },
            { value: 'health-check', label: 'Health check' },
            { value: 'watchdog', label: 'Watchdog' },
          ]}
        />
      }
      footer={data && <span className="mono brk">{data.path}</span>}
    >
      <QueryState query={{ ...query, data, isPending: data === undefined }} what="Lines of this log" />
      {data && <Lines log={data} />}
    </Panel>
  )
}

function Written({ log: { changedAt, sizeBytes } }: { readonly log: VmLog }) {
  return (
    <>
      {formatBytes(sizeBytes)}, written <Ago at={changedAt ?? ''} />
    </>
  )
}

function Lines({ log: { log, path, state, reason, lines, more } }: { readonly log: VmLog }) {
  if (state === 'refused')
    return (
      <Blank kind="bad" title={`${path} is not read`}>
        {reason}
      </Blank>
    )
  if (lines.length === 0)
    return (
      <Blank kind="unknown" title={state === 'missing' ? 'This log is not there yet' : 'This log is empty'}>
        <p>
          <span className="mono">{writers[log]}</span> writes it.
        </p>
      </Blank>
    )
  return (
    <div className="scroll vmlog" role="region" aria-label="Lines of the log, newest first" tabIndex={0}>
      <ol className="mono small">
        {[...lines].reverse().map(({ text, cut, masked }, row) => (
          <li key={`${row} ${text.slice(0, 40)}`} className="brk">
            {text}
            {cut && <span className="c3"> [cut]</span>}
            {masked > 0 && <span className="c3"> [{masked} masked]</span>}
          </li>
        ))}
        {more && <li className="c3">More stands above in the file.</li>}
      </ol>
    </div>
  )
}
