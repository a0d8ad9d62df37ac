'use client'
import type { HermesOps } from '@console/contracts/hermes/schemas'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Select } from '@console/ui/select.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Tabs } from '@console/ui/tabs.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { useRouter } from 'next/navigation'
import { paths } from '../../lib/paths.ts'
import { severityKinds, summaryOf } from './hermes-words.ts'
import type { useHermes } from './use-hermes.ts'

const tabs = [
  { value: 'ops', label: 'Ops' },
  { value: 'agents', label: 'Agents' },
  { value: 'sessions', label: 'Sessions' },
  { value: 'cron', label: 'Cron' },
  { value: 'signals', label: 'Signals' },
] as const
type Tab = (typeof tabs)[number]['value']

/** The head of all pages of the section: which instance, how old the snapshot is, and the way between them. */
export function HermesHead({ hermes, tab }: { readonly hermes: ReturnType<typeof useHermes>; readonly tab: Tab }) {
  const router = useRouter()
  const { ops, chosen, choose } = hermes
  const { data } = ops
  const instance = chosen === 'all' ? undefined : chosen
  const hrefOf = (value: Tab): string => (value === 'ops' ? paths.hermes(instance) : paths.hermesTab(value, instance))
  return (
    <>
      <PageHead
        title="Hermes"
        sub={data && summaryOf(data)}
        actions={
          data && (
            <>
              <span className={`live ${ops.error ? 'is-warn fg' : ''}`}>
                {!ops.error && <i />}
                Snapshot <Ago at={data.generatedAt} />
              </span>
              {data.instances.length > 1 && <Switcher ops={data} chosen={chosen} choose={choose} />}
            </>
          )
        }
      />
      <Tabs label="Hermes" value={tab} options={tabs} hrefOf={hrefOf} go={(value) => router.push(hrefOf(value))} />
      {data && !data.canChangeUser && (
        <div className="mb">
          <Note kind="warn" title="host-agent does not run as root">
            It sees the instance of its own account only; the others are unknown.
          </Note>
        </div>
      )}
      {data && data.instances.length === 0 && (
        <Panel className="mb">
          <Blank kind="unknown" title="No agent is set up">
            HERMES_INSTANCES of host-agent lists none.
          </Blank>
        </Panel>
      )}
    </>
  )
}

/** So many fit beside each other on a phone. */
const mostAbreast = 3

/** Which instance is shown, and which of them need somebody. */
function Switcher({ ops, chosen, choose }: { readonly ops: HermesOps } & Pick<ReturnType<typeof useHermes>, 'chosen' | 'choose'>) {
  const { instances, warnings } = ops
  if (instances.length > mostAbreast || instances.some(({ label }) => label.length > 12))
    return (
      <Select
        label="Instance"
        value={chosen}
        options={[{ value: 'all', label: `All ${instances.length}` }, ...instances.map(({ id, label }) => ({ value: id, label }))]}
        onChange={choose}
      />
    )
  const options = instances.map(({ id, label }) => {
    const worst = warnings.find(({ instance, severity }) => instance === id && severity !== 'info')
    return { value: id, label: worst ? <Status kind={severityKinds[worst.severity]}>{label}</Status> : label }
  })
  return <Segmented label="Instance" value={chosen} options={[{ value: 'all', label: 'All' }, ...options]} onChange={choose} />
}
