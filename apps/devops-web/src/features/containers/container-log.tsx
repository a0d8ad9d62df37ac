'use client'
import { useConsole } from '@console/console/console-provider.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { exportContainerLines } from '@console/contracts/docker/actions'
import { Button } from '@console/ui/button.tsx'
import { formatCount } from '@console/ui/format.ts'
import { LogView } from '@console/ui/log-view.tsx'
import { saveBlob } from '@console/ui/save-blob.ts'
import { Blank } from '@console/ui/states.tsx'
import { useToast } from '@console/ui/toast.tsx'
import { Download, X } from 'lucide-react'
import { useContainerLines } from './use-container-lines.ts'

const stateWords = { open: 'Following', retrying: 'Connection lost, trying again;', ended: 'Ended;' } as const

/** The log of one container, followed. */
export function ContainerLog({
  name,
  denied,
  onClose,
}: {
  readonly name: string
  readonly denied: string | null
  readonly onClose: () => void
}) {
  const { rows, state, error } = useContainerLines(name, denied === null)
  if (denied)
    return (
      <section className="panel">
        <Blank kind="denied" title="Logs are not for your role">
          {denied}
        </Blank>
      </section>
    )
  return (
    <LogView
      title={`Log of ${name}`}
      rows={rows}
      live={state !== 'ended'}
      empty={error ? error.message : state === 'retrying' ? 'Asking for the log' : 'The container has written nothing yet.'}
      footer={`${stateWords[state]} ${formatCount(rows.length, 'line')}`}
      actions={
        <>
          <DownloadButton name={name} />
          <Button
            look="quiet"
            small
            aria-label="Close the log"
            title="Close the log"
            icon={<X className="ic s" aria-hidden="true" />}
            onClick={onClose}
          />
        </>
      }
    />
  )
}

/** Downloads leave a row in the audit log, and the name of the button says so. What is saved is safe to show in a terminal. */
function DownloadButton({ name }: { readonly name: string }) {
  const { client } = useConsole()
  const whyNot = useWhyNot()
  const toast = useToast()
  const download = async (): Promise<void> => {
    try {
      saveBlob(await client.download(exportContainerLines, { params: { name }, query: { tail: '5000' }, activity: true }), `${name}.log`)
    } catch (error) {
      toast({ kind: 'bad', title: 'Nothing was downloaded', text: (error as Error).message })
    }
  }
  return (
    <Button
      look="quiet"
      small
      aria-label="Download, recorded"
      title="Download, recorded"
      disabledReason={whyNot(exportContainerLines)}
      reasonHidden
      icon={<Download className="ic s" aria-hidden="true" />}
      onClick={() => void download()}
    />
  )
}
