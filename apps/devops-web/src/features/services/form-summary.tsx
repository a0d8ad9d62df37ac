'use client'
import { Button } from '@console/ui/button.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import type { ServiceForm } from './use-service-form.ts'

/** What keeps the form from being saved: it takes the focus, and each line leads to its field. */
export function FormSummary({ form: { problems, error, summary, takeOver }, id }: { readonly form: ServiceForm; readonly id: string }) {
  if (problems.length === 0 && error === null) return null
  const conflict = error?.code === 'PRECONDITION_FAILED'
  return (
    <div className="errsum" ref={summary} tabIndex={-1} role="alert">
      <p className="strong">
        {conflict
          ? `Somebody else saved ${id} since you opened it. What you typed stays here.`
          : error && problems.length === 0
            ? error.message
            : `${problems.length} ${problems.length === 1 ? 'field needs' : 'fields need'} another value`}
      </p>
      {problems.length > 0 && (
        <ul>
          {problems.map(({ field, label, rule }) => (
            <li key={field}>
              <button type="button" className="link" onClick={() => focusField(field)}>
                {label}
              </button>
              : {rule}
            </li>
          ))}
        </ul>
      )}
      {conflict && (
        <p className="row w">
          <Link className="btn s" href={paths.service(id)} target="_blank">
            See what it is now
          </Link>
          <Button small onClick={() => void takeOver()}>
            Save mine over it next
          </Button>
        </p>
      )}
      {error && (
        <p className="small c3 mono">
          {error.code}
          {error.requestId && `, request ${error.requestId}`}
        </p>
      )}
    </div>
  )
}

function focusField(field: string): void {
  const element = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`)
  element?.scrollIntoView({ block: 'center' })
  element?.focus({ preventScroll: true })
}
