'use client'
import type { ResultOf } from '@console/contracts/action'
import type { ImportResult } from '@console/contracts/people/exchange'
import type { importUsers } from '@console/contracts/people/exchange-actions'
import { cleanLogText } from '@console/log-text/clean-log-text'
import { Button } from '@console/ui/button.tsx'
import { Status, type StatusKind } from '@console/ui/status.tsx'

const kinds: Record<ImportResult['outcome'], { kind: StatusKind; word: string }> = {
  wouldCreate: { kind: 'queued', word: 'would be made' },
  created: { kind: 'ok', word: 'made' },
  exists: { kind: 'cancelled', word: 'is there' },
  refused: { kind: 'bad', word: 'refused' },
}
const mailWords: Record<NonNullable<ImportResult['mail']>, string> = {
  sent: 'invite mailed',
  failed: 'mail refused: hand the link over',
  off: 'no mail server: hand the link over',
}
const rank: Record<ImportResult['outcome'], number> = { refused: 0, wouldCreate: 1, created: 1, exists: 2 }

/** Every row of a file and what became of it, or would; what is refused comes first. */
export function ImportTable({ told, onBack }: { readonly told: ResultOf<typeof importUsers>; readonly onBack?: () => void }) {
  const { results, created, exists, refused, dryRun } = told
  const rows = [...results].sort((a, b) => rank[a.outcome] - rank[b.outcome] || a.row - b.row)
  return (
    <>
      <p className="row w" role="status">
        <span>
          <b>{created}</b> {dryRun ? 'would be made' : 'made'} · <b>{exists}</b> there already · <b>{refused}</b> refused
        </span>
        {onBack && (
          <Button small onClick={onBack}>
            Change the rows
          </Button>
        )}
      </p>
      <div className="results" tabIndex={0} role="region" aria-label="Rows of the file">
        <table className="tbl stk">
          <thead>
            <tr>
              <th className="num">Row</th>
              <th>Person</th>
              <th>Result</th>
              <th>Why</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={one.row}>
                <td className="num" data-l="Row">
                  {one.row}
                </td>
                <td className="t1">
                  {cleanLogText(one.email) || '–'}
                  {one.name && <span className="sub">{cleanLogText(one.name)}</span>}
                </td>
                <td className="t2">
                  <Status kind={kinds[one.outcome].kind}>{kinds[one.outcome].word}</Status>
                  {one.mail !== null && <span className="sub">{mailWords[one.mail]}</span>}
                </td>
                <td data-l="Why">
                  {one.detail === null ? '–' : cleanLogText(one.detail)}
                  {one.rule && <span className="sub mono">{one.rule}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
