'use client'
import { TextField } from '@console/ui/field.tsx'
import { type ComponentProps, useState } from 'react'

/** A password that can be looked at while it is typed. */
export function PasswordField(props: Omit<ComponentProps<typeof TextField>, 'type' | 'aside'>) {
  const [shown, setShown] = useState(false)
  return (
    <TextField
      {...props}
      type={shown ? 'text' : 'password'}
      spellCheck={false}
      aside={
        <button type="button" className="link small" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? 'Hide' : 'Show'}
          <span className="vh"> {props.label}</span>
        </button>
      }
    />
  )
}
