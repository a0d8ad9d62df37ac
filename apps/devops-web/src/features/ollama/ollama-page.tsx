'use client'
import { AsOf } from '@console/console/as-of.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listModels, pullModel } from '@console/contracts/ollama/actions'
import type { ModelList, OllamaModel } from '@console/contracts/ollama/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatBytes } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Note } from '@console/ui/states.tsx'
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
  const { trouble = null, at = null } = models.data ?? {}
  const away = models.data === undefined || models.data.trouble !== null
  const ended = models.data?.pulls.filter(({ state }) => state !== 'running') ?? []
  return (
    <>
      <PageHead
        title="Ollama"
        sub={models.data && summaryOf(models.data)}
        actions={
          <>
            <AsOf query={trouble ? { dataUpdatedAt: at === null ? 0 : Date.parse(at), error: true } : models} />
            <Button
              look="ink"
              icon={<Download className="ic s" aria-hidden="true" />}
              disabledReason={denied ?? (running ? `${running.name} is being pulled` : away ? 'Ollama does not answer' : null)}
              reasonHidden
              onClick={() => setPulling(true)}
            >
              Pull model…
            </Button>
          </>
        }
      />
      <div className="stack">
        {trouble && (
          <Note
            kind="warn"
            role="status"
            title={trouble.message}
            action={
              <Button small onClick={() => void models.refetch()}>
                Try again
              </Button>
            }
          >
            {at === null ? 'Which models there are is not known. ' : 'Shown is what was known before. '}
            The rest of the console works.
          </Note>
        )}
        {running && <PullPanel pull={running} />}
        <ModelsTable query={models} away={away} onDelete={setDeleting} />
        {ended.length > 0 && <PullsPanel pulls={ended} />}
      </div>
      {pulling && <PullDialog onClose={() => setPulling(false)} />}
      {deleting && <DeleteDialog key={deleting.name} model={deleting} onClose={() => setDeleting(null)} />}
    </>
  )
}

function summaryOf({ items, version, answerMs, at }: ModelList): string {
  if (at === null) return 'Unknown; host-agent has not seen it yet'
  const loaded = items.flatMap((model) => (model.loaded ? [model.loaded] : []))
  const onDisk = [...new Map(items.map((model) => [model.digest, model.sizeBytes])).values()]
  const sum = (sizes: readonly number[]): string => formatBytes(sizes.reduce((all, size) => all + size, 0))
  return [
    `${items.length} ${items.length === 1 ? 'model' : 'models'}, ${sum(onDisk)} on disk`,
    loaded.length === 0 ? 'none loaded' : `${loaded.length} loaded, ${sum(loaded.map(({ sizeBytes }) => sizeBytes))} of memory`,
    `version ${version}, answers in ${answerMs} ms`,
  ].join(' · ')
}
