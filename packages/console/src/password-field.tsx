'use client'
import { TextField } from '@console/ui/field.tsx'
import { type ComponentProps, type ReactNode, useState } from 'react'

/** A password that can be looked at while it is typed. */
export function PasswordField({
  beside,
  ...props
}: Omit<ComponentProps<typeof TextField>, 'type' | 'aside'> & { readonly beside?: ReactNode }) {
  const [shown, setShown] = useState(false)
  return (
    <TextField
      {...props}
      type={shown ? 'text' : 'password'}
      spellCheck={false}
      aside={
        <span className="row">
          {beside}
          <button type="button" className="link small" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? 'Hide' : 'Show'}
            <span className="vh"> {props.label}</span>
          </button>
        </span>
      }
    />
  )
}
