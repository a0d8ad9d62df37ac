import { GateFrame } from '@console/console/gate-frame.tsx'
import type { ReactNode } from 'react'
import type { SecretLink } from './use-secret-link.ts'

/** The page that a link leads to: what it is for, what came of it, or that it does not work. */
export function LinkGate<T>({
  link: { shown, error, done },
  after,
  broken,
  children,
}: {
  readonly link: SecretLink<T>
  /** What stands there when all is done. */
  readonly after: (shown: T | null) => ReactNode
  /** The way on from a link that does not work. */
  readonly broken: ReactNode
  readonly children: (shown: T) => ReactNode
}) {
  return (
    <GateFrame productName="ByteLyst" foot="">
      {done ? (
        <div className="stack">{after(shown)}</div>
      ) : shown ? (
        children(shown)
      ) : error ? (
        <div className="stack">
          <div role="alert">
            <h1>This link does not work</h1>
            <p className="c2">{error.message}</p>
          </div>
          {broken}
        </div>
      ) : (
        <p role="status" className="c2">
          Looking at the link
        </p>
      )}
    </GateFrame>
  )
}
