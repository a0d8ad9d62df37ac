'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listApiTokens, revokeApiToken } from '@console/contracts/api-tokens/actions'
import type { ApiToken } from '@console/contracts/api-tokens/schemas'
import type { User } from '@console/contracts/people/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useState } from 'react'
import { EndTokenDialog } from '../../lib/end-token-dialog.tsx'
import { productLabel } from '../../lib/product-words.ts'
import { FactsTable } from './facts-table.tsx'

/** What programs of a person may call as them. */
export function PersonTokens({ user }: { readonly user: User }) {
  const tokens = useRead(listApiTokens, { query: { userId: user.id, limit: '200' } }, { every: 15_000 })
  const denied = useWhyNot()(revokeApiToken)
  const [ending, setEnding] = useState<ApiToken | null>(null)
  const items = (tokens.data?.items ?? []).filter(({ owner, state }) => owner.id === user.id && (state === 'active' || state === 'resting'))
  return (
    <Panel title="API tokens" label="of programs that act as this person">
      <QueryState query={tokens} what="API tokens" />
      {tokens.data && items.length === 0 && <Blank title="No API token is active" />}
      {items.length > 0 && (
        <FactsTable columns={['Token', 'In', 'Actions', 'Last used', 'Ends']} nums={['Actions']}>
          {items.map((token) => (
            <tr key={token.id}>
              <td className="t1">
                <b>{cleanLogText(token.name)}</b>
                <span className="sub mono">{token.begins}…</span>
              </td>
              <td className="c2" data-l="In">
                {productLabel(token.productId)}
              </td>
              <td className="num" data-l="Actions" title={token.actions.join(', ')}>
                {token.actions.length}
              </td>
              <td className="c2 nowrap" data-l="Last used">
                {token.lastUsedAt ? <Ago at={token.lastUsedAt} /> : 'never'}
              </td>
              <td className="c2 nowrap" data-l="Ends">
                <time dateTime={token.expiresAt} title={formatInstant(token.expiresAt)}>
                  {token.expiresAt.slice(0, 10)}
                </time>
              </td>
              <td className="act">
                <Button
                  small
                  aria-label={`End ${cleanLogText(token.name)}…`}
                  disabledReason={denied}
                  reasonHidden
                  onClick={() => setEnding(token)}
                >
                  End…
                </Button>
              </td>
            </tr>
          ))}
        </FactsTable>
      )}
      {ending && <EndTokenDialog token={ending} onClose={() => setEnding(null)} />}
    </Panel>
  )
}
