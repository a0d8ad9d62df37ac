import type { DiskUse } from '@console/contracts/docker/disk-schemas'
import { formatBytes } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { goesSum, keptLine, kinds } from './disk-words.ts'

/** Of each kind: what can go, and what is kept and why. */
export function KindsPanel({ use }: { readonly use: DiskUse }) {
  return (
    <Panel title="What can go" label="what no container uses, and nothing protects">
      <ul>
        {kinds.map(({ kind, field, title }) => {
          const goes = goesSum(use[field])
          return (
            <li key={kind} className="krow">
              <div className="grow">
                <p className="strong">{title}</p>
                <p className="small c3">{keptLine(use[field]) || 'None is kept'}</p>
              </div>
              <span className="c2 kc">
                {goes.count} of {use[field].count}
              </span>
              <span className="num kz">
                <b>{formatBytes(goes.sizeBytes)}</b>
              </span>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
