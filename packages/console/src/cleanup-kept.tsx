import { ShieldCheck } from 'lucide-react'
import type { ReactNode } from 'react'

/** What stays and why, below what goes; nothing where nothing stays. @param rows of a table with these heads */
export function CleanupKept({
  count,
  heads,
  rows,
}: {
  readonly count: number
  readonly heads: readonly string[]
  readonly rows: ReactNode
}) {
  if (count === 0) return null
  return (
    <details className="objs" open>
      <summary>
        <ShieldCheck className="ic s" aria-hidden="true" />
        <b>
          {count.toLocaleString('en-US')} {count === 1 ? 'is' : 'are'} kept
        </b>
        <span className="c3 small">and this plan cannot touch {count === 1 ? 'it' : 'them'}</span>
      </summary>
      <div className="scroll" tabIndex={0} role="region" aria-label="What is kept">
        <table className="tbl stk">
          <caption className="vh">What is kept</caption>
          <thead className="vh">
            <tr>
              {heads.map((head) => (
                <th key={head}>{head}</th>
              ))}
            </tr>
          </thead>
          <tbody>{rows}</tbody>
        </table>
      </div>
    </details>
  )
}
