import { type ReactNode, useId } from 'react'

/** A part of a form: what it is about at the left, its fields at the right. */
export function FormSection({ title, text, children }: { readonly title: string; readonly text: string; readonly children: ReactNode }) {
  const id = useId()
  return (
    <section className="panel fs" aria-labelledby={id}>
      <div className="fsh">
        <h2 id={id}>{title}</h2>
        <p>{text}</p>
      </div>
      <div className="fsb">{children}</div>
    </section>
  )
}
