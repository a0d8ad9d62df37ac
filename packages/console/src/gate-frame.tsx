import { ThemeButton } from '@console/ui/theme-button.tsx'
import type { ReactNode } from 'react'
import { Brand } from './brand.tsx'
import { ReachMap } from './reach-map.tsx'

/** What the first admin will do, in order. */
const steps = [
  ['First admin', 'Of both products: DevOps and Platform Admin.'],
  ['First script', 'Approve what may run here; nothing runs before.'],
  ['First service', 'Register what runs here, with its health checks.'],
] as const

/** The page before anybody is signed in: a form, and beside it what it leads to. */
export function GateFrame({
  productName,
  foot,
  settingUp = false,
  children,
}: {
  readonly productName: string
  readonly foot: string
  readonly settingUp?: boolean
  readonly children: ReactNode
}) {
  return (
    <main className="gate" id="main">
      <div className="form">
        <div className="row gap3">
          <Brand />
          <span className="strong">{productName}</span>
          <span className="push">
            <ThemeButton />
          </span>
        </div>
        <div className="box">{children}</div>
        <p className="label">{foot}</p>
      </div>
      <aside className="art not-s" aria-label="About this console">
        <div className="artin">
          {settingUp ? (
            <>
              <h2>What you are setting up</h2>
              <ol className="nexts">
                {steps.map(([title, text], at) => (
                  <li key={title}>
                    <span className="nn">{at + 1}</span>
                    <div>
                      <b>{title}</b>
                      <p>{text}</p>
                    </div>
                  </li>
                ))}
              </ol>
            </>
          ) : (
            <>
              <h2>What a sign-in can reach</h2>
              <p className="c2">
                One sign-in serves both dashboards. It never hands out the host: two small daemons act, and each checks for itself who asks.
              </p>
            </>
          )}
          <ReachMap />
        </div>
      </aside>
    </main>
  )
}
