import { ThemeButton } from '@console/ui/theme-button.tsx'
import { Check, Shield } from 'lucide-react'
import type { ReactNode } from 'react'
import { Brand } from './brand.tsx'

const promises = [
  [
    'Two daemons act, and nothing else',
    'The backend holds no socket and no root. Each daemon offers a fixed list of verbs and checks for itself who asks.',
  ],
  ['What destroys is confirmed', 'A plan lists exactly what goes. A confirmation is good for that plan alone, once, for two minutes.'],
  ['Everything is on record', 'Four logs, each one chain, each witnessed by the other three. Refused attempts stand there too.'],
] as const

/** The page before anybody is signed in. */
export function GateFrame({
  productName,
  children,
  foot,
}: {
  readonly productName: string
  readonly children: ReactNode
  readonly foot: string
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
          <h2>What a sign-in can reach</h2>
          <p className="c2">One sign-in serves both dashboards. It never hands out the host.</p>
          <ul className="nexts">
            {promises.map(([title, text], at) => (
              <li key={title}>
                <span className="nn">
                  {at === 0 ? <Shield className="ic s" aria-hidden="true" /> : <Check className="ic s" aria-hidden="true" />}
                </span>
                <div>
                  <p className="strong">{title}</p>
                  <p>{text}</p>
                </div>
              </li>
            ))}
          </ul>
        </div>
      </aside>
    </main>
  )
}
