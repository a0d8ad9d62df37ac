'use client'
import type { Container } from '@console/contracts/docker/schemas'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { Status } from '@console/ui/status.tsx'
import { FormSection } from './form-section.tsx'
import type { Draft } from './service-draft.ts'
import type { ServiceForm } from './use-service-form.ts'

/** Which containers belong to the service; those that match now are named while one types. */
export function ContainersSection({
  form: { draft, set, problem },
  containers,
}: {
  readonly form: ServiceForm
  readonly containers: readonly Container[]
}) {
  const matching = containers.filter((container) => belongs(container, draft))
  return (
    <FormSection title="Containers" text="Join its logs and restarts.">
      <div className="g2">
        <SelectField
          label="Found by"
          value={draft.containersBy}
          options={[
            { value: 'none', label: 'it has none' },
            { value: 'project', label: 'compose project' },
            { value: 'names', label: 'names' },
          ]}
          onChange={(event) => set({ containersBy: event.target.value as Draft['containersBy'] })}
        />
        {draft.containersBy === 'project' && (
          <TextField
            label="Project"
            mono
            data-field="project"
            value={draft.project}
            error={problem('project')}
            onChange={(event) => set({ project: event.target.value })}
          />
        )}
        {draft.containersBy === 'names' && (
          <TextField
            label="Names"
            mono
            data-field="containerNames"
            hint="Whole names, separated by commas"
            value={draft.containerNames}
            error={problem('containerNames')}
            onChange={(event) => set({ containerNames: event.target.value })}
          />
        )}
      </div>
      {draft.containersBy !== 'none' && (
        <p className="probe" role="status">
          {matching.length > 0 ? (
            <Status kind="ok">
              {matching.length} {matching.length === 1 ? 'container matches' : 'containers match'}:{' '}
              <span className="mono">{matching.map(({ name }) => name).join(', ')}</span>
            </Status>
          ) : (
            <Status kind="unknown">none matches now</Status>
          )}
        </p>
      )}
    </FormSection>
  )
}

function belongs({ project, name }: Container, draft: Draft): boolean {
  if (draft.containersBy === 'project') return draft.project !== '' && project === draft.project.trim()
  const names = draft.containerNames.split(',').map((one) => one.trim())
  return draft.containersBy === 'names' && names.includes(name)
}
