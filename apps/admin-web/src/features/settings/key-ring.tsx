import type { SigningKey } from '@console/contracts/sign-in-settings/schemas'
import { Panel } from '@console/ui/panel.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'

const rotateAfterMs = 90 * 86_400_000
/** No token or confirmation of the key before lives longer. */
const previousNeededMs = 600_000

/** Which key signs access tokens and confirmations, which one only verifies, and how to change them. */
export function KeyRing({ keys }: { readonly keys: readonly SigningKey[] }) {
  const now = useNow()
  return (
    <Panel title="Signing keys" label="they follow from JWT_SECRET and JWT_SECRET_PREVIOUS">
      <table className="tbl stk">
        <thead>
          <tr>
            <th>State</th>
            <th>Key id</th>
            <th>Since</th>
            <th>To do</th>
          </tr>
        </thead>
        <tbody>
          {keys.map(({ kid, state, since }) => {
            const todo = now === 0 ? null : todoOf(state, now - Date.parse(since))
            return (
              <tr key={kid}>
                <td className="t2">{state === 'signs' ? <Status kind="ok">signs</Status> : <Status kind="rest">only verifies</Status>}</td>
                <td className="mono small t1">{kid}</td>
                <td className="c2 nowrap" data-l="Since">
                  <Ago at={since} />
                </td>
                <td className="c2" data-l="To do">
                  {todo ? <Status kind="warn">{todo}</Status> : 'nothing'}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <div className="pad stack">
        <p className="strong">To rotate, every 90 days or when the secret may be known to somebody</p>
        <ol className="c2">
          <li>
            Make a new secret: <code className="mono">openssl rand -base64 32</code>
          </li>
          <li>Set JWT_SECRET_PREVIOUS to the present value of JWT_SECRET, and JWT_SECRET to the new one.</li>
          <li>Start platform-service again. Nobody is signed out, and authenticators stay as they are.</li>
          <li>
            After 10 minutes remove JWT_SECRET_PREVIOUS and start it again. A secret that is known to somebody is not set as the previous
            one at all.
          </li>
        </ol>
      </div>
    </Panel>
  )
}

function todoOf(state: SigningKey['state'], ageMs: number): string | null {
  if (state === 'signs') return ageMs > rotateAfterMs ? 'older than 90 d: rotate' : null
  return ageMs > previousNeededMs ? 'remove JWT_SECRET_PREVIOUS' : null
}
