'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { approveScript, listScripts } from '@console/contracts/scripts/actions'
import type { Script } from '@console/contracts/scripts/schemas'
import { listServices } from '@console/contracts/services/actions'
import { Button } from '@console/ui/button.tsx'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { useRowKeys } from '@console/ui/use-row-keys.ts'
import { RefreshCw } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useRef, useState } from 'react'
import { ApproveDialog } from './approve-dialog.tsx'
import { RevokeDialog } from './revoke-dialog.tsx'
import { ScriptsTable } from './scripts-table.tsx'

const views = ['all', 'decide', 'refused'] as const
const shownIn: Record<(typeof views)[number], (status: Script['status']) => boolean> = {
  all: () => true,
  decide: (status) => status === 'changed' || status === 'new',
  refused: (status) => status === 'refused' || status === 'missing',
}
const order: readonly Script['status'][] = ['changed', 'new', 'refused', 'missing', 'approved']

/** What may be run on the host, and what waits for somebody to look at it. */
export function ScriptsPanel() {
  const scripts = useRead(listScripts, {}, { every: 10_000 })
  const services = useRead(listServices, {})
  const [approving, setApproving] = useQueryState('approve', parseAsString)
  const filter = useFilter()
  const { q, view } = filter
  const [revoking, setRevoking] = useState<Script | null>(null)
  const whyNot = useWhyNot()
  const box = useRef<HTMLDivElement>(null)
  useRowKeys(box)
  const all = scripts.data?.items ?? []
  const usedBy = (id: string): number => (services.data?.items ?? []).filter(({ scriptId }) => scriptId === id).length
  const shown = all
    .filter(({ status, scriptId, path, sha256 }) => shownIn[view](status) && `${scriptId} ${path} ${sha256 ?? ''}`.includes(q.trim()))
    .sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
  const denied = whyNot(approveScript)
  return (
    <div className="stack" ref={box}>
      {scripts.data?.warnings.map((warning) => (
        <Note key={warning} kind="warn" title={warning} />
      ))}
      {approving && denied && (
        <Note kind="denied" title={`${approving} cannot be approved by you`} role="status">
          {denied}
        </Note>
      )}
      <div>
        <Filters filter={filter} scripts={scripts} />
        <section className="panel" aria-label="Scripts">
          {!scripts.isPending && <QueryState query={scripts} what="Scripts" />}
          {scripts.data && all.length === 0 && (
            <Blank title="No script is under the script roots">
              Put a file ending in .sh under SCRIPT_ROOTS on the host. Its owner must be root or the agent’s account, and nobody else may
              write it.
            </Blank>
          )}
          {all.length > 0 && shown.length === 0 && <Blank title="No script matches" />}
          {(scripts.isPending || shown.length > 0) && (
            <ScriptsTable
              scripts={shown}
              usedBy={usedBy}
              loading={scripts.isPending}
              onApprove={(script) => void setApproving(script.scriptId)}
              onRevoke={setRevoking}
            />
          )}
          <footer>The list is kept by host-agent. The hash covers the named file alone: what it calls is the operator’s to judge.</footer>
        </section>
      </div>
      {approving && !denied && <ApproveDialog scriptId={approving} onClose={() => void setApproving(null)} />}
      {revoking && <RevokeDialog script={revoking} onClose={() => setRevoking(null)} />}
    </div>
  )
}

function useFilter() {
  const [q, setQ] = useQueryState('script', parseAsString.withDefault('').withOptions({ throttleMs: 150 }))
  const [view, setView] = useQueryState('scripts', parseAsStringLiteral(views).withDefault('all'))
  return { q, setQ, view, setView }
}

function Filters({
  filter: { q, setQ, view, setView },
  scripts,
}: {
  readonly filter: ReturnType<typeof useFilter>
  readonly scripts: ReturnType<typeof useRead<typeof listScripts>>
}) {
  const all = scripts.data?.items ?? []
  const count = (of: (typeof views)[number]): number => all.filter(({ status }) => shownIn[of](status)).length
  return (
    <div className="tools2">
      <SearchField label="Search scripts" placeholder="Script, path or digest" value={q} onChange={(next) => void setQ(next || null)} />
      <Segmented
        label="Which scripts"
        value={view}
        onChange={(next) => void setView(next)}
        options={[
          { value: 'all', label: `All ${all.length}` },
          { value: 'decide', label: `Decide ${count('decide')}` },
          { value: 'refused', label: `Refused ${count('refused')}` },
        ]}
      />
      <Button icon={<RefreshCw className="ic s" aria-hidden="true" />} busy={scripts.isFetching} onClick={() => void scripts.refetch()}>
        Check files again
      </Button>
    </div>
  )
}
