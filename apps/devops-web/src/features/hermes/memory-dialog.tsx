'use client'
import type { ApiError } from '@console/api-client/client'
import { useDo, useWhyNot } from '@console/console/use-action.ts'
import { getHermesMemory } from '@console/contracts/hermes/actions'
import type { HermesMemory } from '@console/contracts/hermes/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { Blank } from '@console/ui/states.tsx'
import { useState } from 'react'
import { reasonWords } from './hermes-words.ts'

/** What memory says: the way to it for those who may, for all others who may and where it is opened. */
export function MemoryWords({ id, label, opened }: { readonly id: string; readonly label: string; readonly opened: boolean }) {
  const why = useWhyNot()(getHermesMemory)
  const [open, setOpen] = useState(false)
  // Not as what is read again and again: each reading is on record, and what it told is gone with the dialog.
  const reading = useDo(getHermesMemory)
  if (why !== null || !opened)
    return (
      <p className="c3 small">
        What it says is for admins only
        {opened ? '.' : ', and off: "memoryBodies" of this agent in HERMES_INSTANCES of host-agent turns it on.'}
      </p>
    )
  const read = (): void => {
    setOpen(true)
    reading.mutate({ params: { instance: id } })
  }
  const close = (): void => {
    setOpen(false)
    reading.reset()
  }
  return (
    <>
      <button type="button" className="link" onClick={read}>
        Read it…<span className="vh"> What {label} remembers</span>
      </button>
      <Dialog
        open={open}
        onClose={close}
        wide
        title={`What ${label} remembers`}
        sub="Personal data, read just now as its owner. That you read it is on record in Audit."
        footer={
          <span className="push row">
            <Button onClick={close}>Close</Button>
          </span>
        }
      >
        <Told reading={reading} />
      </Dialog>
    </>
  )
}

function Told({
  reading: { data, error },
}: {
  readonly reading: { readonly data: HermesMemory | undefined; readonly error: ApiError | null }
}) {
  if (error) return <Blank kind="bad" title={error.message} />
  if (!data)
    return (
      <div role="status">
        <span className="sk w60" />
        <span className="vh">Reading</span>
      </div>
    )
  if (data.reason !== null)
    return (
      <Blank kind="unknown" title="Nothing of it is known">
        {reasonWords[data.reason]}
      </Blank>
    )
  return (
    <div className="stack">
      <Body title="Of its work" file="MEMORY.md" body={data.memory} />
      <Body title="Of its person" file="USER.md" body={data.user} />
    </div>
  )
}

function Body({ title, file, body }: { readonly title: string; readonly file: string; readonly body: HermesMemory['memory'] }) {
  return (
    <section className="stack m" aria-label={title}>
      <h3>
        {title} <span className="c3 mono small">{file}</span>
      </h3>
      {body?.status !== 'up' && <p className="c3">{body?.reason ? reasonWords[body.reason] : 'It was not read.'}</p>}
      {body?.status === 'up' && body.items.length === 0 && <p className="c3">Nothing.</p>}
      {body?.items.map(({ entry, text }) => (
        <pre key={entry} className="codebox told" tabIndex={0} role="region" aria-label={`Entry ${entry} of ${file}`}>
          {text}
        </pre>
      ))}
      {body?.truncated && (
        <p className="c3 small">
          The first {body.items.length} of {body.total}.
        </p>
      )}
    </section>
  )
}
