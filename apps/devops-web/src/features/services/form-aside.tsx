'use client'
import type { Script } from '@console/contracts/scripts/schemas'
import { Panel } from '@console/ui/panel.tsx'
import { Note } from '@console/ui/states.tsx'
import { Glyph } from '@console/ui/status.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'

const says = [
  'Checks begin within seconds; it counts as unknown until the first result.',
  'Nothing is deployed or restarted.',
  'Who changed what stands in Audit.',
]

/** What saving does and does not do, and what the chosen script still waits for. */
export function FormAside({ id, script }: { readonly id: string; readonly script: Script | undefined }) {
  return (
    <div className="stack">
      <Panel title={id ? 'When you save it' : 'When you register it'}>
        <ul className="feed padv">
          {says.map((sentence) => (
            <li className="wide2" key={sentence}>
              <span className="fg is-ok">
                <Glyph kind="ok" />
              </span>
              <span>{sentence}</span>
            </li>
          ))}
        </ul>
      </Panel>
      {script && script.status !== 'approved' && (
        <Note
          kind="warn"
          title={`${script.scriptId} is ${script.status}`}
          action={
            <Link className="btn s" href={paths.approveScript(script.scriptId)}>
              Look at it
            </Link>
          }
        >
          Until an admin approves it, deploys are refused.
        </Note>
      )}
    </div>
  )
}
