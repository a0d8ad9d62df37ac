'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { listSignals } from '@console/contracts/hermes/signal-actions'
import { type InstanceSignals, SignalWindow } from '@console/contracts/hermes/signal-schemas'
import { Facts, Panel } from '@console/ui/panel.tsx'
import { Segmented } from '@console/ui/segmented.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { paths } from '../../lib/paths.ts'
import { HermesHead } from './hermes-head.tsx'
import { costWords, failureWords, kindWords, latencyWords, sourceWords, tokenWords, windowWords } from './signal-words.ts'
import { useHermes } from './use-hermes.ts'

const windows = SignalWindow.options
const everyMs = 15_000

/** What the agents tell of themselves: how long things take, what fails, what it costs. */
export function SignalsPage() {
  const hermes = useHermes()
  const { ops, shown } = hermes
  const [window, setWindow] = useQueryState('window', parseAsStringLiteral(windows).withDefault('24h'))
  const signals = useRead(listSignals, { query: { window } }, { every: everyMs })
  const items = signals.data?.items ?? []
  return (
    <>
      <HermesHead hermes={hermes} tab="signals" />
      <div className="row w mb">
        <Segmented
          label="Over the last"
          value={window}
          options={windows.map((value) => ({ value, label: windowWords[value] }))}
          onChange={(value) => void setWindow(value)}
        />
        <Link className="link push" href={paths.agentKeys}>
          Keys of agents
        </Link>
      </div>
      <div className="stack">
        {(!ops.data || ops.error) && (
          <Panel>
            <QueryState query={ops} what="The agents" />
          </Panel>
        )}
        {(!signals.data || signals.error) && (
          <Panel>
            <QueryState query={signals} what="Signals" />
          </Panel>
        )}
        {signals.data &&
          shown.map(({ id, label }) => (
            <SignalsPanel
              key={id}
              label={label}
              told={items.find(({ instance }) => instance === id) ?? null}
              stale={signals.error !== null || signals.isPlaceholderData}
            />
          ))}
      </div>
    </>
  )
}

function SignalsPanel({ label, told, stale }: { readonly label: string; readonly told: InstanceSignals | null; readonly stale: boolean }) {
  const health = told?.health ?? null
  return (
    <Panel
      title={label}
      {...(told?.source && { label: `from ${sourceWords[told.source]}` })}
      actions={
        told?.lastSeenAt && (
          <span className="small c3">
            last signal <Ago at={told.lastSeenAt} />
          </span>
        )
      }
      className={stale ? 'stale' : ''}
    >
      {(told === null || told.source === null) && (
        <Blank
          kind="unknown"
          title="No data"
          actions={
            <Link className="btn" href={paths.agentKeys}>
              Point an agent here
            </Link>
          }
        >
          {told?.lastSeenAt ? 'No signal of this time.' : 'No signal has arrived.'}
        </Blank>
      )}
      {health && (
        <div className="pad">
          <Facts
            items={[
              ['Failures', failureWords(health)],
              ['Latency', latencyWords(health)],
              ['Last success', health.lastSuccessAt ? <Ago key="s" at={health.lastSuccessAt} /> : 'No data'],
              [
                'Last failure',
                health.lastFailureAt ? (
                  <Status key="f" kind="bad">
                    <Ago at={health.lastFailureAt} />
                    {health.lastError && `, ${health.lastError}`}
                  </Status>
                ) : (
                  'No data'
                ),
              ],
              ['Tokens', tokenWords(health)],
              ['Cost', costWords(health)],
            ]}
          />
        </div>
      )}
      {told && told.series.length > 0 && <SeriesTable label={label} told={told} />}
    </Panel>
  )
}

function SeriesTable({ label, told }: { readonly label: string; readonly told: InstanceSignals }) {
  return (
    <table className="tbl stk">
      <caption className="vh">Signals of {label} by agent and model</caption>
      <thead>
        <tr>
          <th>Agent</th>
          <th>What</th>
          <th>Model</th>
          <th className="num">Signals</th>
          <th>Failures</th>
          <th>Latency</th>
          <th>Tokens</th>
          <th className="num">Cost</th>
        </tr>
      </thead>
      <tbody>
        {told.series.map(({ kind, agent, model, figures }) => (
          <tr key={`${kind} ${agent} ${model}`}>
            <td className="t1">
              <b>{agent}</b>
            </td>
            <td className="t2">{kindWords[kind]}</td>
            <td className="mono small">{model ?? '–'}</td>
            <td className="num" data-l="Signals">
              {figures.total.toLocaleString('en')}
            </td>
            <td data-l="Failures">{failureWords(figures)}</td>
            <td data-l="Latency">{latencyWords(figures)}</td>
            <td data-l="Tokens">{tokenWords(figures)}</td>
            <td className="num" data-l="Cost">
              {costWords(figures)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
