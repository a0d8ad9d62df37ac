'use client'
import { usePerson } from '@console/console/console-provider.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listApiTokens, listOwnApiTokens } from '@console/contracts/api-tokens/actions'
import type { ApiToken } from '@console/contracts/api-tokens/schemas'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import { Plus } from 'lucide-react'
import { parseAsBoolean, parseAsString, useQueryStates } from 'nuqs'
import { lazy, Suspense, useState } from 'react'
import { EndTokenDialog } from '../../lib/end-token-dialog.tsx'
import { ApiTokenTable } from './api-token-table.tsx'
import { endsSoon } from './ends-soon.ts'

/** With it come the actions of both APIs, which the page itself can do without. */
const MakeTokenDialog = lazy(() => import('./make-token-dialog.tsx').then((module) => ({ default: module.MakeTokenDialog })))

/** The tokens of programs: everybody's for an admin, else the own. */
export function ApiTokensPage() {
  const { platformRole } = usePerson()
  const isAdmin = platformRole === 'admin'
  const [{ make, cursor }, set] = useQueryStates({ make: parseAsBoolean.withDefault(false), cursor: parseAsString })
  const [ending, setEnding] = useState<ApiToken | null>(null)
  const all = useRead(listApiTokens, { query: { limit: '50', cursor: cursor ?? undefined } }, { every: 15_000, enabled: isAdmin })
  const own = useRead(listOwnApiTokens, {}, { every: 15_000, enabled: !isAdmin })
  const tokens = isAdmin ? all : own
  return (
    <>
      <PageHead
        title={<Finding tokens={tokens.data?.items} />}
        sub={`${isAdmin ? 'Everybody’s' : 'Yours'} · a token carries the actions it lists, never one that destroys: scripts plan, people confirm`}
        actions={
          <Button look="ink" icon={<Plus className="ic s" aria-hidden="true" />} onClick={() => void set({ make: true })}>
            Make token…
          </Button>
        }
      />
      <ApiTokenTable query={tokens} cursor={cursor} onPage={(next) => void set({ cursor: next })} onEnd={setEnding} />
      {make && (
        <Suspense fallback={null}>
          <MakeTokenDialog onClose={() => void set({ make: null })} />
        </Suspense>
      )}
      {ending && <EndTokenDialog token={ending} onClose={() => setEnding(null)} />}
    </>
  )
}

/** What stands out, in one sentence. */
function Finding({ tokens }: { readonly tokens: readonly ApiToken[] | undefined }) {
  const now = useNow()
  const active = tokens?.filter(({ state }) => state === 'active') ?? []
  const soon = active.filter((token) => endsSoon(token, now)).length
  if (tokens === undefined || active.length === 0) return 'API tokens'
  if (soon > 0) return `${soon} API ${soon === 1 ? 'token ends' : 'tokens end'} within 7 d`
  return `${active.length} API ${active.length === 1 ? 'token is' : 'tokens are'} active`
}
