import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listVmUnits } from '@console/contracts/vm/schedule-actions'
import type { VmUnit } from '@console/contracts/vm/schedule-schemas'
import { formatBytes } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { unitVerdictOf } from './cron-words.ts'

const everyMs = 60_000

/** The services that the host stands on, and whatever failed. */
export function UnitsPanel() {
  const query = useRead(listVmUnits, {}, { every: everyMs })
  const { data } = query
  return (
    <Panel title="Services of the host" className={data && query.error ? 'stale' : ''}>
      <QueryState query={query} what="Services of the host" />
      {data?.units.length === 0 && <Blank kind="unknown" title="systemd tells of no service here" />}
      {data && data.units.length > 0 && (
        <table className="tbl two stk vmjobs">
          <caption className="vh">Services, worst first</caption>
          <thead className="vh">
            <tr>
              <th>State</th>
              <th>Service</th>
            </tr>
          </thead>
          <tbody>
            {data.units.map((unit) => (
              <Row key={`${unit.account} ${unit.unit}`} unit={unit} />
            ))}
          </tbody>
        </table>
      )}
      {data && data.passedOver.length > 0 && (
        <p className="pad small brk">{data.passedOver.map(({ source, why }) => `${source}: ${why}`).join(' ')}</p>
      )}
    </Panel>
  )
}

function Row({ unit }: { readonly unit: VmUnit }) {
  const { kind, word } = unitVerdictOf(unit)
  const restarts = unit.restarts ?? 0
  return (
    <tr data-row>
      <td className="t2">
        <Status kind={kind}>{word}</Status>
      </td>
      <td className="t1">
        <b className="mono brk">{unit.unit}</b>
        <span className="sub">
          {[
            unit.manager === 'user' ? unit.account : null,
            unit.memoryBytes === null ? null : formatBytes(unit.memoryBytes),
            restarts === 0 ? null : `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`,
          ]
            .filter((part) => part !== null)
            .map((part) => `${part} · `)}
          {unit.since ? <Ago at={unit.since} /> : 'since when is not told'}
        </span>
      </td>
    </tr>
  )
}
