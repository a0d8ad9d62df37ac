'use client'
import { AuditTable } from '@console/console/audit-table.tsx'
import { useConsole } from '@console/console/console-provider.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { exportAuditRows, listAuditRows, verifyAudit } from '@console/contracts/audit/actions'
import { Button } from '@console/ui/button.tsx'
import { PageHead } from '@console/ui/page-head.tsx'
import { saveBlob } from '@console/ui/save-blob.ts'
import { Note } from '@console/ui/states.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { Download } from 'lucide-react'
import { AuditFilters } from './audit-filters.tsx'
import { ChainSeal } from './chain-seal.tsx'
import { type AuditFilter, useAuditFilter } from './use-audit-filter.ts'

const pageRows = '100'

/** Who did what, what was denied, what failed; and whether every chain holds. */
export function AuditPage() {
  const filter = useAuditFilter()
  const { query, cursor, values } = filter
  const rows = useRead(
    listAuditRows,
    { query: { ...query, checkpoints: values.checkpoints ? undefined : ('hide' as const), limit: pageRows, cursor: cursor ?? undefined } },
    cursor ? {} : { every: 10_000 },
  )
  const chains = useRead(verifyAudit, {}, { every: 60_000 })
  const broken = chains.data?.chains.filter(({ state }) => state === 'broken').length ?? 0
  return (
    <>
      <PageHead
        title={broken > 0 ? `${broken} audit ${broken === 1 ? 'chain is' : 'chains are'} broken` : 'Audit'}
        sub="Who did, tried and was refused what. Rows cannot be edited; times in UTC."
        actions={(['csv', 'ndjson'] as const).map((format) => <ExportButton key={format} filter={query} format={format} />)}
      />
      <ChainSeal
        chains={chains.data?.chains ?? []}
        onCheck={() => void chains.refetch()}
        busy={chains.isFetching}
        failed={chains.isError}
      />
      {chains.error && (
        <div className="mb">
          <Note kind="warn" title="The chains could not be verified just now.">
            {chains.error.message} {chains.data ? 'Shown is what the last check found.' : ''}
          </Note>
        </div>
      )}
      <AuditFilters filter={filter} />
      {rows.data && rows.data.away.length > 0 && (
        <div className="mb">
          <Note kind="warn" title={`Rows of ${rows.data.away.join(', ')} cannot be read now.`}>
            The log itself is where it was; shown is what was read before.
          </Note>
        </div>
      )}
      <AuditTable
        query={rows}
        open={filter.row}
        onOpen={filter.open}
        onRequest={(requestId) => filter.set({ requestId })}
        cursor={cursor}
        onPage={filter.page}
      />
    </>
  )
}

/** An export leaves a row itself, and the name of the button says so. */
function ExportButton({ filter, format }: { readonly filter: AuditFilter; readonly format: 'csv' | 'ndjson' }) {
  const { client } = useConsole()
  const whyNot = useWhyNot()
  const toast = useToast()
  const download = async (): Promise<void> => {
    try {
      saveBlob(await client.download(exportAuditRows, { query: { ...filter, format }, activity: true }), `audit.${format}`)
    } catch (error) {
      toast({ kind: 'bad', title: 'Nothing was downloaded', text: (error as Error).message })
    }
  }
  return (
    <Button
      icon={<Download className="ic s" aria-hidden="true" />}
      disabledReason={whyNot(exportAuditRows)}
      reasonHidden
      onClick={() => void download()}
    >
      Download {format.toUpperCase()}, recorded
    </Button>
  )
}
