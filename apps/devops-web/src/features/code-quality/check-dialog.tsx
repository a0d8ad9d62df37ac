'use client'
import { ErrorNote } from '@console/console/error-note.tsx'
import { useDo } from '@console/console/use-action.ts'
import { listCodeRuns, runCodeChecks } from '@console/contracts/code-quality/actions'
import type { CheckName, CodeProjects } from '@console/contracts/code-quality/schemas'
import { Button } from '@console/ui/button.tsx'
import { Dialog } from '@console/ui/dialog.tsx'
import { Select } from '@console/ui/select.tsx'
import { Tick } from '@console/ui/tick.tsx'
import { useState } from 'react'

/** Asks which project and which checks, and begins the run. */
export function CheckDialog({
  projects,
  onClose,
  onBegun,
}: {
  readonly projects: CodeProjects
  readonly onClose: () => void
  readonly onBegun: (runId: string) => void
}) {
  const run = useDo(runCodeChecks, { changes: [listCodeRuns] })
  const [path, setPath] = useState(projects.items[0]?.path ?? '')
  const [left, setLeft] = useState<readonly CheckName[]>([])
  const offered = projects.items.find((project) => project.path === path)?.checks ?? []
  const checks = offered.filter((name) => !left.includes(name))
  const go = (): void => run.mutate({ body: { projectPath: path, checks }, activity: true }, { onSuccess: ({ id }) => onBegun(id) })
  return (
    <Dialog
      open
      onClose={onClose}
      busy={run.isPending}
      title="Check code"
      sub={`A copy of the project is checked, without network, as ${projects.runsAs}. The project itself is not changed.`}
      footer={
        <span className="push row">
          <button type="button" className="btn" onClick={onClose} disabled={run.isPending}>
            Cancel
          </button>
          <Button
            look="ink"
            busy={run.isPending}
            disabledReason={checks.length === 0 ? 'Choose a check first' : null}
            reasonHidden
            onClick={go}
          >
            {`Run ${checks.length} ${checks.length === 1 ? 'check' : 'checks'}`}
          </Button>
        </span>
      }
    >
      {run.error && <ErrorNote error={run.error} />}
      <Select
        label="Project"
        value={path}
        options={projects.items.map((project) => ({ value: project.path, label: project.name ?? project.path }))}
        onChange={(next) => {
          setPath(next)
          setLeft([])
        }}
      />
      <p className="mono small c2">{path}</p>
      <fieldset className="stack">
        <legend className="label">Checks</legend>
        {offered.map((name) => (
          <Tick
            key={name}
            checked={!left.includes(name)}
            onChange={(on) => setLeft(on ? left.filter((one) => one !== name) : [...left, name])}
          >
            <span className="mono">{name}</span>
          </Tick>
        ))}
        {offered.length === 0 && <p className="c2">This project has none of the four scripts.</p>}
      </fieldset>
    </Dialog>
  )
}
