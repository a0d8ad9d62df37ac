import { useWhyNot } from '@console/console/use-action.ts'
import { planCleanup, runCleanup } from '@console/contracts/docker/disk-actions'
import type { DiskUse } from '@console/contracts/docker/disk-schemas'
import { Button } from '@console/ui/button.tsx'
import { formatBytes } from '@console/ui/format.ts'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Tick } from '@console/ui/tick.tsx'
import { BrushCleaning } from 'lucide-react'
import { goesSum, keptLine, kinds } from './disk-words.ts'
import type { ChoiceState } from './use-choice.ts'

type Props = { readonly use: DiskUse; readonly choice: ChoiceState; readonly busy: boolean; readonly onPlan: () => void }

/** Of each kind: what can go and what is kept; those that are ticked go into one plan. */
export function PlanPanel({ use, choice, busy, onPlan }: Props) {
  const whyNot = useWhyNot()
  const goesOf = (kind: (typeof kinds)[number]) => {
    if (kind.kind === 'images') return goesSum(use.images, choice.scope === 'dangling' ? ['dangling'] : undefined)
    if (kind.kind !== 'volumes') return goesSum(use[kind.field])
    const named = use.namedVolumes.filter(({ name }) => choice.volumes.includes(name))
    const others = goesSum(use.volumes, ['anonymous'])
    return { count: others.count + named.length, sizeBytes: named.reduce((sum, { sizeBytes }) => sum + sizeBytes, others.sizeBytes) }
  }
  const chosen = kinds.filter(({ kind }) => choice.kinds.includes(kind))
  const bytes = chosen.reduce((sum, kind) => sum + goesOf(kind).sizeBytes, 0)
  const denied = whyNot(planCleanup) ?? (busy ? 'A cleanup is under way' : chosen.length === 0 ? 'Choose a kind first' : null)
  return (
    <Panel title="Plan a cleanup" label="a plan only lists; nothing goes before you confirm it">
      <ul>
        {kinds.map((row) => {
          const on = choice.kinds.includes(row.kind)
          const goes = goesOf(row)
          return (
            <li key={row.kind} className={`krow ${on ? 'on' : ''}`}>
              <div className="grow">
                <Tick checked={on} onChange={(next) => choice.tick(row.kind, next)}>
                  <b>{row.title}</b>
                </Tick>
                <p className="small c3 under-tick">{keptLine(use[row.field]) || 'None is kept'}</p>
                {row.kind === 'images' && <Scope use={use} choice={choice} />}
                {row.kind === 'volumes' && on && <NamedVolumes use={use} choice={choice} />}
              </div>
              <span className="c2 kc">
                {goes.count} of {use[row.field].count}
              </span>
              <span className="num kz">
                <b>{formatBytes(goes.sizeBytes)}</b>
              </span>
            </li>
          )
        })}
      </ul>
      <footer className="tall">
        <span className="c2">
          <b>
            {chosen.length} {chosen.length === 1 ? 'kind' : 'kinds'} chosen
          </b>
          {chosen.length > 0 && `, up to ${formatBytes(bytes)} of ${formatBytes(use.goesBytes)}`}
        </span>
        <span className="push row">
          {whyNot(planCleanup) === null && whyNot(runCleanup) !== null && <span className="why">An admin confirms the plan</span>}
          <Button look="ink" icon={<BrushCleaning className="ic s" aria-hidden="true" />} disabledReason={denied} onClick={onPlan}>
            Plan cleanup…
          </Button>
        </span>
      </footer>
    </Panel>
  )
}

function Scope({ use, choice }: { readonly use: DiskUse; readonly choice: ChoiceState }) {
  return (
    <div className="under-tick mt1">
      <Segmented
        small
        label="Which images"
        value={choice.scope}
        onChange={choice.take}
        options={[
          { value: 'dangling', label: `dangling only, ${goesSum(use.images, ['dangling']).count}` },
          { value: 'unused', label: `all unused, ${goesSum(use.images).count}` },
        ]}
      />
    </div>
  )
}

/** A volume with a name may hold what nobody has elsewhere, so each is chosen by itself. */
function NamedVolumes({ use: { namedVolumes }, choice }: { readonly use: DiskUse; readonly choice: ChoiceState }) {
  if (namedVolumes.length === 0) return <p className="small c3 under-tick">No named volume is without a container.</p>
  return (
    <fieldset className="under-tick mt1">
      <legend className="small c2">Named volumes go only when they are chosen one by one</legend>
      <ul className="named">
        {namedVolumes.map(({ name, sizeBytes }) => (
          <li key={name}>
            <Tick checked={choice.volumes.includes(name)} onChange={(on) => choice.name(name, on)}>
              <span className="mono small">{name}</span> <span className="small c3">{formatBytes(sizeBytes)}</span>
            </Tick>
          </li>
        ))}
      </ul>
    </fieldset>
  )
}
