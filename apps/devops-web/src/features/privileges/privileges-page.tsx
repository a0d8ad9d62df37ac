'use client'
import { usePerson } from '@console/console/console-provider.tsx'
import { ListTable } from '@console/console/list-table.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listPrivileges, type VerbRow } from '@console/contracts/privileges/actions'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { SearchField } from '@console/ui/search-field.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { Copy } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { PartsPanel } from './parts-panel.tsx'
import { verbHead, verbRows } from './verb-rows.tsx'
import { VerbTiles } from './verb-tiles.tsx'
import { asMarkdown, routesOf } from './verb-words.ts'

const risks = ['all', 'read', 'change', 'destroy'] as const

/** Everything that can touch the host: nothing in the backend, and in each daemon the rows that it answers to. */
export function PrivilegesPage() {
  const [q, setQ] = useQueryState('q', parseAsString.withDefault(''))
  const [risk, setRisk] = useQueryState('risk', parseAsStringLiteral(risks).withDefault('all'))
  const { devopsRole } = usePerson()
  const surface = useRead(listPrivileges, {}, { every: 30_000 })
  const all = surface.data?.items ?? []
  const shown = all.filter((verb) => (risk === 'all' || verb.risk === risk) && textOf(verb).includes(q.toLowerCase()))
  const differs = all.filter(({ daemonAgrees }) => daemonAgrees === false).length
  const count = (one: VerbRow['risk']): number => all.filter((verb) => verb.risk === one).length
  const warnings = [
    { of: 'devops-backend', lines: surface.data?.warnings ?? [] },
    ...(surface.data?.daemons ?? []).map(({ name, warnings: lines }) => ({ of: name, lines })),
  ].filter(({ lines }) => lines.length > 0)
  return (
    <>
      <PageHead
        title={differs > 0 ? `${differs} ${differs === 1 ? 'verb differs' : 'verbs differ'} from the registry` : 'Privileges'}
        sub={`Everything this console can do to the host: ${all.length} verbs in two daemons. A verb without a row fails the build.`}
        actions={<CopyButton verbs={all} />}
      />
      <div className="stack">
        {warnings.map(({ of, lines }) => (
          <Note key={of} kind="warn" title={lines.length === 1 ? `${of}: ${lines[0]}` : `${of} warns of ${lines.length} things`}>
            {lines.length > 1 && (
              <ul>
                {lines.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            )}
          </Note>
        ))}
        <VerbTiles verbs={all} daemons={surface.data?.daemons ?? []} />
      </div>
      <div className="tools2 apart">
        <SearchField label="Filter verbs" placeholder="Route, verb or command" value={q} onChange={(next) => void setQ(next || null)} />
        <Segmented
          label="Risk"
          value={risk}
          onChange={(next) => void setRisk(next)}
          options={[
            { value: 'all', label: `All ${all.length}` },
            { value: 'read', label: `Read ${count('read')}` },
            { value: 'change', label: `Change ${count('change')}` },
            { value: 'destroy', label: `Destroy ${count('destroy')}` },
          ]}
        />
      </div>
      <div className="stack">
        <ListTable
          label="Verbs"
          query={surface}
          what="Privileges"
          className="two stk"
          columns={verbHead.length}
          head={verbHead}
          rows={verbRows(shown, devopsRole)}
          empty={<Blank title="No verb matches" />}
          footer={
            <>
              <span>
                {shown.length} of {all.length} verbs
              </span>
              <span className="push">what the registry says, beside what each daemon answers to verbs.list</span>
            </>
          }
        />
        <PartsPanel />
      </div>
    </>
  )
}

function CopyButton({ verbs }: { readonly verbs: readonly VerbRow[] }) {
  const toast = useToast()
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(asMarkdown(verbs))
      toast({ kind: 'ok', title: 'Copied as Markdown' })
    } catch {
      toast({ kind: 'bad', title: 'Nothing was copied', text: 'The browser refused the clipboard.' })
    }
  }
  return (
    <Button
      icon={<Copy className="ic s" aria-hidden="true" />}
      disabledReason={verbs.length === 0 ? 'Nothing is read yet' : null}
      reasonHidden
      onClick={() => void copy()}
    >
      Copy as Markdown
    </Button>
  )
}

function textOf(verb: VerbRow): string {
  return `${verb.id} ${verb.runs} ${verb.daemon} ${routesOf(verb).join(' ')}`.toLowerCase()
}
