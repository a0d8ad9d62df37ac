'use client'
import { Actor } from '@console/console/actor.tsx'
import { AsOf } from '@console/console/as-of.tsx'
import { ListTable } from '@console/console/list-table.tsx'
import { useRead, useWhyNot } from '@console/console/use-action.ts'
import { listCodeProjects, listCodeRuns, runCodeChecks } from '@console/contracts/code-quality/actions'
import type { CodeRun, CodeTrend } from '@console/contracts/code-quality/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatDuration } from '@console/ui/format.ts'
import { PageHead } from '@console/ui/page-head.tsx'
import { Panel } from '@console/ui/panel.tsx'
import { Sparkline } from '@console/ui/sparkline.tsx'
import { Blank, Note } from '@console/ui/states.tsx'
import { Status } from '@console/ui/status.tsx'
import { Ago, useNow } from '@console/ui/time-text.tsx'
import { Play } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'
import { useState } from 'react'
import { CheckDialog } from './check-dialog.tsx'
import { boundsText, countsText, kindOf, tookMs } from './check-words.ts'
import { RunPanel } from './run-panel.tsx'

/** Checks of projects' code: what ran, what it counted, and how each project does over time. */
export function CodeQualityPage() {
  const [runId, setRunId] = useQueryState('run', parseAsString.withDefault(''))
  const [asking, setAsking] = useState(false)
  const projects = useRead(listCodeProjects, {}, { every: 30_000 })
  const runs = useRead(listCodeRuns, { query: {} }, { every: 4_000 })
  const denied = useWhyNot()(runCodeChecks)
  const items = runs.data?.items ?? []
  const trends = runs.data?.trends ?? []
  const { trouble = null, roots = [], items: known = [], memoryBytes = null, ownAccount } = projects.data ?? {}
  const reason =
    denied ??
    (!projects.data ? 'Projects are not known' : (trouble ?? (known.length === 0 ? 'No project lies under the allowed folders' : null)))
  return (
    <>
      <PageHead
        title="Code quality"
        sub={projects.data && `${known.length} ${known.length === 1 ? 'project' : 'projects'} under ${roots.join(', ') || 'no folder'}`}
        actions={
          <>
            <AsOf query={runs} />
            <Button
              look="ink"
              icon={<Play className="ic s" aria-hidden="true" />}
              disabledReason={reason}
              reasonHidden
              onClick={() => setAsking(true)}
            >
              Run checks…
            </Button>
          </>
        }
      />
      <div className="stack">
        {trouble && <Note kind="warn" role="status" title={trouble} />}
        {projects.data && !trouble && (
          <Note
            kind={ownAccount && memoryBytes !== null ? 'rest' : 'unknown'}
            title={`Checks run as ${projects.data.runsAs}, in a copy without network`}
          >
            {ownAccount ? '' : 'Not in an account of their own. '}
            {boundsText(projects.data)}
          </Note>
        )}
        {runId !== '' && <RunPanel key={runId} id={runId} onClose={() => void setRunId(null)} />}
        <ListTable
          label="Runs"
          query={runs}
          what="Checks of code"
          className="stk"
          columns={6}
          head={
            <>
              <th>Project</th>
              <th>Result</th>
              <th>Counted</th>
              <th className="num">Took</th>
              <th>By</th>
              <th>When</th>
            </>
          }
          rows={items.map((run) => <RunRow key={run.id} run={run} onOpen={() => void setRunId(run.id)} />)}
          empty={
            <Blank kind="rest" title="No code was checked yet">
              Types, lint, build and tests of a project, in a copy that is held apart. What was found stands here afterwards.
            </Blank>
          }
        />
        {trends.length > 0 && <Trends trends={trends} />}
      </div>
      {asking && projects.data && (
        <CheckDialog
          projects={projects.data}
          onClose={() => setAsking(false)}
          onBegun={(id) => {
            setAsking(false)
            void setRunId(id)
          }}
        />
      )}
    </>
  )
}

function RunRow({ run, onOpen }: { readonly run: CodeRun; readonly onOpen: () => void }) {
  const now = useNow()
  const took = tookMs(run, now)
  const counted = run.checks.flatMap(({ name, counts }) => (countsText(counts) === '' ? [] : [`${name}: ${countsText(counts)}`]))
  return (
    <tr>
      <td className="t1">
        <button type="button" className="link mono" data-row onClick={onOpen}>
          {run.projectPath}
        </button>
        <span className="sub">{run.checks.map(({ name }) => name).join(', ')}</span>
      </td>
      <td className="t2">
        <Status kind={kindOf[run.state]}>{run.state}</Status>
      </td>
      <td data-l="Counted">{counted.join('; ') || <span className="c3">–</span>}</td>
      <td className="num" data-l="Took">
        {took === null ? '–' : formatDuration(took)}
      </td>
      <td data-l="By">
        <Actor actor={run.actor} />
      </td>
      <td data-l="When">
        <Ago at={run.queuedAt} />
      </td>
    </tr>
  )
}

function Trends({ trends }: { readonly trends: readonly CodeTrend[] }) {
  return (
    <Panel title="Trend" label="warnings and time of each project’s last runs">
      <table className="tbl stk">
        <thead>
          <tr>
            <th>Project</th>
            <th className="num">Passed</th>
            <th>Warnings</th>
            <th>Time</th>
          </tr>
        </thead>
        <tbody>
          {trends.map(({ projectPath, runs }) => {
            const warnings = runs.map((run) => run.warnings)
            const times = runs.map((run) => run.tookMs)
            const lastTime = times.findLast((ms) => ms !== null) ?? null
            return (
              <tr key={projectPath}>
                <td className="mono t1">{projectPath}</td>
                <td className="num" data-l="Passed">
                  {runs.filter(({ state }) => state === 'passed').length} of {runs.length}
                </td>
                <td data-l="Warnings">
                  <Sparkline
                    className="spark mini"
                    values={warnings}
                    label={`Warnings of the last ${runs.length} runs of ${projectPath}`}
                  />{' '}
                  {warnings.findLast((count) => count !== null) ?? '–'}
                </td>
                <td data-l="Time">
                  <Sparkline className="spark mini" values={times} label={`Time of the last ${runs.length} runs of ${projectPath}`} />{' '}
                  {lastTime === null ? '–' : formatDuration(lastTime)}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Panel>
  )
}
