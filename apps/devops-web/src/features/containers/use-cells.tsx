import { ProgressBar } from '@console/ui/progress-bar.tsx'
import { Sparkline } from '@console/ui/sparkline.tsx'
import { coresText } from '../../lib/metric-words.ts'
import type { LiveUse, Use } from './use-live-use.ts'
import { mebibytes, memoryShare } from './use-words.ts'

/** The cells of one container: cores with their last ten minutes, memory with the share of its bound. */
export function UseCells({ use, runs, live }: { readonly use: Use | undefined; readonly runs: boolean; readonly live: LiveUse }) {
  const past = live.trouble ? 'c3' : ''
  const none = noFigure(runs, live)
  const memory = use?.memoryBytes ?? null
  const share = use ? memoryShare(use, live.memoryTotalBytes) : null
  return (
    <>
      <td className="m1 not-s">
        {runs && use && use.recent.length > 1 && <Sparkline className="spark mini" values={use.recent} label="CPU, last 10 min" />}
      </td>
      <td className={`num ${past}`} data-l="Cores">
        {use && use.cores !== null && runs ? coresText(use.cores) : none}
      </td>
      <td className="memcell not-s">
        {runs && share && (
          <span className={share.kind ? `is-${share.kind}` : ''}>
            <ProgressBar ratio={share.ratio} label={share.sentence} />
          </span>
        )}
      </td>
      <td className={`num nowrap ${past}`} data-l="Memory, MiB">
        {memory !== null && runs ? (
          <>
            {mebibytes(memory)}
            {use?.memoryLimitBytes != null && <span className="c3"> / {mebibytes(use.memoryLimitBytes)}</span>}
          </>
        ) : (
          none
        )}
      </td>
    </>
  )
}

function noFigure(runs: boolean, { pending }: LiveUse) {
  if (!runs) return <span className="c3">–</span>
  return <span className="c3">{pending ? 'measuring' : 'no data'}</span>
}
