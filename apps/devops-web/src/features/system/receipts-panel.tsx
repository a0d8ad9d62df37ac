import { Actor } from '@console/console/actor.tsx'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listAuditRows } from '@console/contracts/audit/actions'
import { type listCleanups, runCleanup } from '@console/contracts/docker/disk-actions'
import type { CleanupReceipt } from '@console/contracts/docker/disk-schemas'
import type { ActorRef } from '@console/contracts/shapes'
import { formatBytes } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Blank, LoadingRows } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { freedBytes, kinds, receiptStatus } from './disk-words.ts'

/** Who began each cleanup, by its digest: docker-proxy knows the id of a person, the audit log the name. */
export function useWhoBegan(): (receipt: CleanupReceipt) => ActorRef {
  const rows = useRead(listAuditRows, { query: { action: runCleanup.id, limit: '100' } })
  const known = new Map((rows.data?.items ?? []).map(({ actor }) => [actor.id, actor]))
  return ({ by }) => known.get(by) ?? { kind: 'person', id: by, name: null }
}

type Props = { readonly query: ReturnType<typeof useRead<typeof listCleanups>>; readonly onOpen: (digest: string) => void }

/** What came of each cleanup, the newest first. */
export function ReceiptsPanel({ query, onOpen }: Props) {
  const whoBegan = useWhoBegan()
  const items = query.data?.items ?? []
  return (
    <Panel title="Receipts">
      {!query.isPending && <QueryState query={query} what="Receipts" />}
      {query.data && items.length === 0 && (
        <Blank title="Nothing was cleaned up yet">What a cleanup removed, and what it kept, stands here afterwards.</Blank>
      )}
      {(query.isPending || items.length > 0) && (
        <table className="tbl stk" aria-busy={query.isPending}>
          <caption className="vh">Receipts</caption>
          <thead>
            <tr>
              <th>When</th>
              <th>What</th>
              <th>By</th>
              <th>Result</th>
              <th className="num">Freed</th>
            </tr>
          </thead>
          <tbody>
            {query.isPending && <LoadingRows columns={5} />}
            {items.map((receipt) => (
              <Row key={receipt.digest} receipt={receipt} actor={whoBegan(receipt)} onOpen={() => onOpen(receipt.digest)} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

type RowProps = { readonly receipt: CleanupReceipt; readonly actor: ActorRef; readonly onOpen: () => void }

function Row({ receipt, actor, onOpen }: RowProps) {
  const { kind, text } = receiptStatus(receipt)
  return (
    <tr data-row>
      <td className="c2" data-l="When">
        <Ago at={receipt.startedAt} />
      </td>
      <td className="t1">
        <button type="button" className="link" onClick={onOpen}>
          {kindsOf(receipt)}
        </button>
      </td>
      <td className="c2" data-l="By">
        <Actor actor={actor} />
      </td>
      <td className="t2">
        <Status kind={kind}>{text}</Status>
      </td>
      <td className="num" data-l="Freed">
        {formatBytes(freedBytes(receipt))}
      </td>
    </tr>
  )
}

function kindsOf({ choice }: CleanupReceipt): string {
  const titles = kinds.filter(({ kind }) => choice.kinds.includes(kind)).map(({ title }) => title)
  return titles.map((title, at) => (at === 0 ? title : title.toLowerCase())).join(', ')
}
