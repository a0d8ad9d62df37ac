import type { ReactNode } from 'react'

/** The table of a panel of a person's page. Its last column holds what can be done. @param props.nums which of the columns hold numbers */
export function FactsTable({
  columns,
  nums = [],
  children,
}: {
  readonly columns: readonly string[]
  readonly nums?: readonly string[]
  readonly children: ReactNode
}) {
  return (
    <table className="tbl two stk">
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} className={nums.includes(column) ? 'num' : undefined}>
              {column}
            </th>
          ))}
          <th>
            <span className="vh">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
