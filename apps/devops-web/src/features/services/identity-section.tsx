'use client'
import { SelectField, TextField } from '@console/ui/field.tsx'
import { FormSection } from './form-section.tsx'
import type { Draft } from './service-draft.ts'
import type { ServiceForm } from './use-service-form.ts'

type Text = 'name' | 'description' | 'owner' | 'tags' | 'url' | 'repository'
const environments = ['production', 'staging', 'development', 'internal'].map((value) => ({ value, label: value }))

/** How people and alerts name the service. @param fixed the name is the id, so a registered one keeps it */
export function IdentitySection({ form: { draft, set, problem }, fixed }: { readonly form: ServiceForm; readonly fixed: boolean }) {
  const field = (name: Text) => ({
    'data-field': name,
    value: draft[name],
    error: problem(name),
    onChange: (event: { target: { value: string } }) => set({ [name]: event.target.value }),
  })
  return (
    <FormSection title="Identity" text="How people and alerts name it.">
      <div className="g2">
        <TextField
          label="Name"
          mono
          readOnly={fixed}
          autoComplete="off"
          hint={fixed ? 'Also the id, so it stays' : 'Lower case, digits and dashes; also the id'}
          {...field('name')}
        />
        <SelectField
          label="Environment"
          value={draft.environment}
          options={environments}
          onChange={(event) => set({ environment: event.target.value as Draft['environment'] })}
        />
        <div className="w2">
          <TextField label="Description" {...field('description')} />
        </div>
        <TextField label="Owner" hint="A team or a person" {...field('owner')} />
        <TextField label="Tags" hint="Separated by commas" {...field('tags')} />
        <TextField label="Address" mono inputMode="url" placeholder="https://" {...field('url')} />
        <TextField label="Repository" mono inputMode="url" placeholder="https://" {...field('repository')} />
      </div>
    </FormSection>
  )
}
