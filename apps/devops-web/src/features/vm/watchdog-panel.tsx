import { QueryState } from '@console/console/query-state.tsx'
import { useRead } from '@console/console/use-action.ts'
import { getWatchdogLog } from '@console/contracts/vm/actions'
import { Panel } from '@console/ui/panel.tsx'
import { Blank } from '@console/ui/states.tsx'
import { Glyph, StatusChip, toneOf } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { lookLineOf } from './log-words.ts'

const shown = 6
const lateMs = 5 * 60_000

/** What the watchdog saw of the containers last, the newest first. */
export function WatchdogPanel() {
  const query = useRead(getWatchdogLog, { query: { lines: '60' } }, { every: 30_000 })
  const { data } = query
  const lines = (data?.lines ?? []).map(({ text }) => lookLineOf(text)).reverse()
  const last = lines.find(({ at }) => at !== null)?.at ?? null
  const late = last !== null && Date.now() - Date.parse(last) > lateMs
  return (
    <Panel
      title="Watchdog"
      actions={
        last && (
          <StatusChip kind={late ? 'warn' : 'ok'}>
            ran <Ago at={last} />
          </StatusChip>
        )
      }
    >
      <QueryState query={query} what="Lines of the watchdog" />
      {data?.state === 'refused' && (
        <Blank kind="bad" title={`${data.path} is not read`}>
          {data.reason}
        </Blank>
      )}
      {data && data.state !== 'refused' && lines.length === 0 && (
        <Blank kind="unknown" title="The watchdog has not run">
          <p>
            Nothing stands in <span className="mono">{data.path}</span>. Let cron run <span className="mono">docker-watchdog.sh</span> once
            a minute: it reports, and restarts nothing by itself.
          </p>
        </Blank>
      )}
      {lines.length > 0 && (
        <ul className="feed padv">
          {lines.slice(0, shown).map(({ at, kind, text }, row) => (
            <li key={`${row} ${text}`} className={`${toneOf(kind)} wide`}>
              {at ? (
                <time dateTime={at} title={at}>
                  {at.slice(11, 19)}
                </time>
              ) : (
                <span />
              )}
              <Glyph kind={kind} size="s" />
              <span className="c2 small brk">{text}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
