'use client'
import type { RestoreLack, RestoreObject, RestorePlan } from '@console/contracts/backups/schemas'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { RowTick } from '@console/ui/row-tick.tsx'
import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'

type Props = { readonly plan: RestorePlan }
const perPage = 200

/** Kind by kind: how many now, how many then, and what differs. */
export function RestoreKinds({ plan }: Props) {
  return (
    <section className="objs">
      <table className="tbl stk">
        <caption className="vh">What a restore changes</caption>
        <thead>
          <tr>
            <th>What</th>
            <th className="num">Now</th>
            <th className="num">Then</th>
            <th>Difference</th>
          </tr>
        </thead>
        <tbody>
          {plan.kinds
            .filter((kind) => kind.now + kind.after > 0)
            .map((kind) => (
              <tr key={kind.kind}>
                <td className="t1">
                  <b>{kind.label}</b>
                </td>
                <td className="num" data-l="Now">
                  {kind.now.toLocaleString('en-US')}
                </td>
                <td className="num" data-l="Then">
                  {kind.after.toLocaleString('en-US')}
                </td>
                <td className="t2 c2 small">
                  {differenceOf(kind)}
                  {kind.stays !== '' && <span className="c3"> {kind.stays}</span>}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  )
}

function differenceOf({ added, replaced, removed }: RestorePlan['kinds'][number]): string {
  const parts = [
    replaced > 0 ? `${replaced} ${replaced === 1 ? 'loses' : 'lose'} what was changed since.` : '',
    added > 0 ? `${added} ${added === 1 ? 'comes' : 'come'} back.` : '',
    removed > 0 ? `${removed} ${removed === 1 ? 'is' : 'are'} removed.` : '',
  ].filter((part) => part !== '')
  return parts.join(' ') || 'None.'
}

/** What is here and not in the backup: it stays unless it is ticked. */
export function RestoreLacking({
  plan,
  lacking,
  ticked,
  onTick,
}: Props & {
  readonly lacking: readonly RestoreLack[]
  readonly ticked: readonly RestoreObject[]
  readonly onTick: (ticked: readonly RestoreObject[]) => void
}) {
  const { lackingTotal, kinds } = plan
  const [shown, setShown] = useState(perPage)
  if (lackingTotal === 0) return null
  const isTicked = ({ kind, pk, id }: RestoreObject): boolean => ticked.some((one) => one.kind === kind && one.pk === pk && one.id === id)
  const toggle = ({ kind, pk, id }: RestoreObject, on: boolean): void => {
    const others = ticked.filter((one) => !(one.kind === kind && one.pk === pk && one.id === id))
    onTick(on ? [...others, { kind, pk, id }] : others)
  }
  return (
    <details className="objs" open>
      <summary>
        <b>
          {lackingTotal.toLocaleString('en-US')} {lackingTotal === 1 ? 'is' : 'are'} not in the backup
        </b>
        <span className="c3 small">kept unless ticked</span>
      </summary>
      <div className="scroll" tabIndex={0} role="region" aria-label="What the backup lacks">
        <table className="tbl stk">
          <caption className="vh">What the backup lacks</caption>
          <tbody>
            {lacking.slice(0, shown).map((one) => (
              <tr key={`${one.kind} ${one.pk} ${one.id}`}>
                <td className="t2 pickcol">
                  {one.removable && (
                    <RowTick label={`Remove ${cleanLogText(one.name)}`} checked={isTicked(one)} onChange={(on) => toggle(one, on)} />
                  )}
                </td>
                <td className="t1 small brk">{cleanLogText(one.name)}</td>
                <td className="c2 small" data-l="Kind">
                  {kinds.find(({ kind }) => kind === one.kind)?.label}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {lacking.length > shown && (
          <p className="pad">
            <Button small onClick={() => setShown(shown + perPage)}>
              Show {Math.min(perPage, lacking.length - shown)} more of {(lacking.length - shown).toLocaleString('en-US')}
            </Button>
          </p>
        )}
      </div>
    </details>
  )
}

const untouchedWords: Readonly<Record<string, string>> = {
  pf_memberships: 'memberships',
  pf_sessions: 'sessions',
  pf_past_sessions: 'ended sessions',
  pf_references: 'references',
  pf_tokens: 'invites and API tokens',
  pf_identifiers: 'e-mail entries',
  pf_throttles: 'throttles',
  pf_system: 'set-up and sign-in settings',
  pf_backups: 'the list of backups',
  pf_meta: 'migrations',
  do_agent_keys: 'keys of agents',
  do_idempotency: 'answers kept for repeats',
  do_meta: 'migrations',
  do_backups: 'the list of backups',
}

/** What the backup holds, or this console keeps, and no restore here touches. */
export function RestoreUntouched({ plan }: Props) {
  const held = plan.untouched.map(({ what }) => untouchedWords[what] ?? what)
  return (
    <details className="objs" open>
      <summary>
        <ShieldCheck className="ic s" aria-hidden="true" />
        <b>Not touched</b>
        <span className="c3 small">{[...new Set(['audit logs', 'container logs', 'metrics', 'sign-in', ...held])].join(', ')}</span>
      </summary>
    </details>
  )
}
