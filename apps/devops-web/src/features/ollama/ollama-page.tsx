'use client'
import { AsOf } from '@console/console/as-of.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listModels, pullModel } from '@console/contracts/ollama/actions'
import type { ModelList, OllamaModel } from '@console/contracts/ollama/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatBytes } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { DeleteDialog } from './delete-dialog.tsx'
import { ModelsTable } from './models-table.tsx'
import { PullDialog } from './pull-dialog.tsx'
import { PullPanel } from './pull-panel.tsx'
import { PullsPanel } from './pulls-panel.tsx'

const restMs = 10_000
const busyMs = 1_000

/** Ollama's models: which are loaded, what they take, and what is being pulled. */
export function OllamaPage() {
  const [busy, setBusy] = useState(false)
  const [pulling, setPulling] = useState(false)
  const [deleting, setDeleting] = useState<OllamaModel | null>(null)
  const models = useRead(listModels, {}, { every: busy ? busyMs : restMs })
  const denied = useWhyNot()(pullModel)
  const running = models.data?.pulls.find(({ state }) => state === 'running')
  // Whoever began it: a pull that is under way is looked at every second.
  useEffect(() => setBusy(running !== undefined), [running])
  const ended = models.data?.pulls.filter(({ state }) => state !== 'running') ?? []
  return (
    <>
      <PageHead
        title="Ollama"
        sub={models.data && summaryOf(models.data)}
        actions={
          <>
            <AsOf query={models} />
            <Button
              look="ink"
              icon={<Download className="ic s" aria-hidden="true" />}
              disabledReason={denied ?? (running ? `${running.name} is being pulled` : models.data ? null : 'Ollama has not answered yet')}
              reasonHidden
              onClick={() => setPulling(true)}
            >
              Pull model…
            </Button>
          </>
        }
      />
      <div className="stack">
        {running && <PullPanel pull={running} />}
        <ModelsTable query={models} onDelete={setDeleting} />
        {ended.length > 0 && <PullsPanel pulls={ended} />}
      </div>
      {pulling && <PullDialog onClose={() => setPulling(false)} />}
      {deleting && <DeleteDialog key={deleting.name} model={deleting} onClose={() => setDeleting(null)} />}
    </>
  )
}

function summaryOf({ items, version, answerMs }: ModelList): string {
  const loaded = items.flatMap((model) => (model.loaded ? [model.loaded] : []))
  const onDisk = [...new Map(items.map((model) => [model.digest, model.sizeBytes])).values()]
  const sum = (sizes: readonly number[]): string => formatBytes(sizes.reduce((all, size) => all + size, 0))
  return [
    `${items.length} ${items.length === 1 ? 'model' : 'models'}, ${sum(onDisk)} on disk`,
    loaded.length === 0 ? 'none loaded' : `${loaded.length} loaded, ${sum(loaded.map(({ sizeBytes }) => sizeBytes))} of memory`,
    `version ${version}, answers in ${answerMs} ms`,
  ].join(' · ')
}
