'use client'
import type { Action } from '@console/contracts/action'
import { SearchField } from '@console/ui/search-field.tsx'
import { Tick } from '@console/ui/tick.tsx'
import { useId, useState } from 'react'

/** Which actions a token carries: found by words of id or summary, ticked one by one. */
export function ActionChoice({
  actions,
  chosen,
  onChange,
}: {
  readonly actions: readonly Action[]
  readonly chosen: ReadonlySet<string>
  readonly onChange: (chosen: ReadonlySet<string>) => void
}) {
  const [words, setWords] = useState('')
  const id = useId()
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = actions.filter((action) => wanted.every((word) => `${action.id} ${action.summary}`.toLowerCase().includes(word)))
  const toggle = (action: string): void => {
    const next = new Set(chosen)
    if (!next.delete(action)) next.add(action)
    onChange(next)
  }
  return (
    <fieldset className="field" aria-describedby={id}>
      <legend>May call</legend>
      <SearchField label="Find an action" placeholder="Action, for example deployments" value={words} onChange={setWords} />
      <ul className="checks one scroll-list">
        {shown.map(({ id: action, summary, risk }) => (
          <li key={action}>
            <Tick checked={chosen.has(action)} onChange={() => toggle(action)}>
              <span className="mono small">{action}</span>
              <span className="sub">
                {risk === 'change' ? 'changes · ' : ''}
                {summary}
              </span>
            </Tick>
          </li>
        ))}
      </ul>
      <p className="hint" id={id} role="status">
        {shown.length === 0 ? 'No action matches. ' : ''}
        {chosen.size} of {actions.length} chosen. What destroys or asks for a factor is left to people.
      </p>
    </fieldset>
  )
}
