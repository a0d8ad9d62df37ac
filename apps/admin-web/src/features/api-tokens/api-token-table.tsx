'use client'
import { ListTable } from '@console/console/list-table.tsx'
import { PageButtons } from '@console/console/page-buttons.tsx'
import type { Query } from '@console/console/query-state.tsx'
import type { ApiToken } from '@console/contracts/api-tokens/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import { productLabel } from '../../lib/product-words.ts'
import { endsSoon } from './ends-soon.ts'

const columns = 8
type Page = { readonly items: readonly ApiToken[]; readonly nextCursor: string | null }
type Props = {
  readonly query: Query & { readonly data: Page | undefined }
  readonly cursor: string | null
  readonly onPage: (cursor: string | null) => void
  readonly onEnd: (token: ApiToken) => void
}

export function ApiTokenTable({ query, cursor, onPage, onEnd }: Props) {
  const next = query.data?.nextCursor ?? null
  return (
    <ListTable
      label="API tokens"
      query={query}
      what="API tokens"
      className="two stk"
      columns={columns}
      head={
        <>
          <th>State</th>
          <th>Token</th>
          <th>Belongs to</th>
          <th>May call</th>
          <th>Last used</th>
          <th className="m1">From</th>
          <th>Ends</th>
          <th>
            <span className="vh">Actions</span>
          </th>
        </>
      }
      rows={(query.data?.items ?? []).map((token) => <TokenRow key={token.id} token={token} onEnd={onEnd} />)}
      empty={
        <Blank title="There are no API tokens">
          <p>A token lets a program of yours call what you choose, as you. It never confirms anything.</p>
        </Blank>
      }
      footer={(cursor !== null || next !== null) && <PageButtons cursor={cursor} next={next} onPage={onPage} />}
    />
  )
}

const shownActions = 3

function TokenRow({ token, onEnd }: { readonly token: ApiToken; readonly onEnd: (token: ApiToken) => void }) {
  const { name, begins, owner, productId, actions, lastUsedAt, lastAddress, expiresAt, state } = token
  const more = actions.length - shownActions
  const title = cleanLogText(name)
  return (
    <tr data-row>
      <td className="t2">
        <State token={token} />
      </td>
      <td className="t1">
        <b>{title}</b>
        <span className="sub mono">{begins}…</span>
      </td>
      <td className="c2 nowrap" data-l="Belongs to">
        {cleanLogText(owner.name)}
        <span className="sub">{productLabel(productId)}</span>
      </td>
      <td className="mono small c2" data-l="May call" title={actions.join(', ')}>
        {actions.slice(0, shownActions).join(', ')}
        {more > 0 && ` and ${more} more`}
      </td>
      <td className="c2 nowrap" data-l="Last used">
        {lastUsedAt ? <Ago at={lastUsedAt} /> : <span className="c3">never</span>}
      </td>
      <td className="mono small c2 m1" data-l="From">
        {lastAddress ?? '–'}
      </td>
      <td className="c2 nowrap" data-l="Ends">
        <time dateTime={expiresAt} title={formatInstant(expiresAt)}>
          {expiresAt.slice(0, 10)}
        </time>
      </td>
      <td className="act">
        {(state === 'active' || state === 'resting') && (
          <Button small aria-label={`End ${title}…`} onClick={() => onEnd(token)}>
            End…
          </Button>
        )}
      </td>
    </tr>
  )
}

function State({ token }: { readonly token: ApiToken }) {
  const now = useNow()
  if (token.state === 'revoked') return <Status kind="cancelled">ended</Status>
  if (token.state === 'expired') return <Status kind="cancelled">over</Status>
  if (token.state === 'resting') return <Status kind="warn">rests until its person has a second factor</Status>
  if (endsSoon(token, now)) return <Status kind="warn">ends soon</Status>
  return token.lastUsedAt === null ? <Status kind="unknown">never used</Status> : <Status kind="ok">active</Status>
}
