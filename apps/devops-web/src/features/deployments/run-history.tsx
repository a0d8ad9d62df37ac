'use client'
import { QueryState } from '@console/console/query-state.tsx'
import { useWhyNot } from '@console/console/use-action.ts'
import { rerunDeployment } from '@console/contracts/deployments/actions'
import type { Run } from '@console/contracts/deployments/schemas'
import { Button } from '@console/ui/button.tsx'
import { Blank, LoadingRows } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { useNow } from '@console/ui/time-text.tsx'
import Link from 'next/link'
import { paths } from '../../lib/paths.ts'
import { RunCells } from '../../lib/run-cells.tsx'
import { runStatus } from '../../lib/run-words.ts'
import { isToday } from './deployment-words.ts'
import type { Asked } from './reason-dialog.tsx'
import type { useRunHistory } from './use-run-history.ts'

type Props = {
  readonly history: ReturnType<typeof useRunHistory>
  readonly runs: readonly Run[]
  readonly filtered: boolean
  readonly onClear: () => void
  readonly environmentOf: (serviceId: string) => string
  readonly onAsk: (asked: Asked) => void
}

/** Runs that have ended, newest first, today apart from before. */
export function RunHistory({ history, runs, filtered, onClear, environmentOf, onAsk }: Props) {
  const now = useNow()
  const today = runs.filter((run) => isToday(run.endedAt ?? run.queuedAt, now))
  const earlier = runs.filter((run) => !today.includes(run))
  const row = (run: Run) => <Row key={run.id} run={run} environment={environmentOf(run.serviceId)} onAsk={onAsk} />
  return (
    <section className="panel" aria-label="History">
      {!history.isPending && <QueryState query={history} what="Deployments" />}
      {history.data && runs.length === 0 && <Nothing filtered={filtered} onClear={onClear} />}
      {(history.isPending || runs.length > 0) && (
        <table className="tbl two stk" aria-busy={history.isPending}>
          <caption className="vh">History, newest first</caption>
          <thead>
            <tr>
              <th>Outcome</th>
              <th>Service</th>
              <th>Reason</th>
              <th>By</th>
              <th>Started</th>
              <th className="num">Took</th>
              <th>Verdict</th>
              <th>
                <span className="vh">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {history.isPending && <LoadingRows columns={8} />}
            {today.length > 0 && <Group name={`Today, ${today.length} ended`} />}
            {today.map(row)}
            {earlier.length > 0 && <Group name={`Earlier, ${earlier.length} shown`} />}
            {earlier.map(row)}
          </tbody>
        </table>
      )}
      {runs.length > 0 && (
        <footer>
          <span>
            {runs.length} {runs.length === 1 ? 'run' : 'runs'} shown
          </span>
          {history.hasNextPage && (
            <Button small busy={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
              {history.isFetchingNextPage ? 'Loading older ones' : 'Load older ones'}
            </Button>
          )}
          <span className="push row not-s">
            <kbd>J</kbd>
            <kbd>K</kbd> move <kbd>Enter</kbd> open <kbd>R</kbd> run again
          </span>
        </footer>
      )}
    </section>
  )
}

function Group({ name }: { readonly name: string }) {
  return (
    <tr className="grp">
      <td colSpan={8}>{name}</td>
    </tr>
  )
}

function Row({ run, environment, onAsk }: { readonly run: Run; readonly environment: string; readonly onAsk: Props['onAsk'] }) {
  const whyNot = useWhyNot()
  const { kind, word } = runStatus(run)
  return (
    <tr data-row>
      <td className="t2">
        <Status kind={kind}>{word}</Status>
      </td>
      <td className="name t1 nowrap">
        <Link href={paths.deployment(run.id)}>
          <b>{run.serviceName}</b>
          <span className="sub">
            <span className="mono">#{run.number}</span> {environment}
          </span>
        </Link>
      </td>
      <RunCells run={run} />
      <td className="act m0">
        <Button small data-key="r" disabledReason={whyNot(rerunDeployment)} reasonHidden onClick={() => onAsk({ run, deed: 'rerun' })}>
          Run again…
          <span className="vh">
            {' '}
            {run.serviceName} #{run.number}
          </span>
        </Button>
      </td>
    </tr>
  )
}

function Nothing({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  if (filtered)
    return (
      <Blank title="No run that has ended matches" actions={<Button onClick={onClear}>Clear the filters</Button>}>
        Runs under way and in line stand above.
      </Blank>
    )
  return (
    <Blank
      title="Nothing was deployed yet"
      actions={
        <Link className="btn" href={paths.services}>
          Open services
        </Link>
      }
    >
      A deployment is one run of a service’s approved script.
    </Blank>
  )
}
