'use client'
import type { ServiceHealth } from '@console/contracts/health/schemas'
import { formatTotals } from '@console/ui/format.ts'
import { Glyph } from '@console/ui/status.tsx'
import { healthKind } from '../../lib/run-words.ts'

const marks: Record<ServiceHealth['state'], string> = { up: '', degraded: 'w', down: 'b', unknown: 'u', maintenance: 'r' }

/** Every service as one mark, by environment; what deviates is wide and says how. The totals beside it say the same in words. */
export function ServiceMap({ items }: { readonly items: readonly ServiceHealth[] }) {
  if (items.length === 0) return <p className="c2">No service is registered yet.</p>
  return (
    <div className="map">
      {[...Map.groupBy(items, ({ environment }) => environment)].map(([environment, list]) => (
        <Row key={environment} environment={environment} list={list} />
      ))}
    </div>
  )
}

function Row({ environment, list }: { readonly environment: string; readonly list: readonly ServiceHealth[] }) {
  const count = (state: ServiceHealth['state']): number => list.filter((item) => item.state === state).length
  const totals = formatTotals(
    {
      up: count('up'),
      down: count('down'),
      degraded: count('degraded'),
      'in maintenance': count('maintenance'),
      unknown: count('unknown'),
    },
    list.length,
  )
  return (
    <>
      <span className="lab c2">{environment}</span>
      <div className="cells" role="img" aria-label={`${environment}: ${totals}`}>
        {list.map(({ serviceId, state }) => (
          <i key={serviceId} className={`cell ${marks[state]}`} title={`${serviceId}: ${state}`}>
            {(state === 'down' || state === 'degraded' || state === 'maintenance') && <Glyph kind={healthKind[state]} size="s" />}
          </i>
        ))}
      </div>
      <span className="cnt c2">{totals}</span>
    </>
  )
}
