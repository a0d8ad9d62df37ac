import type { ChainState } from '@console/contracts/audit/schemas'
import { Button } from '@console/ui/button.tsx'
import { Glyph, Status, toneOf } from '@console/ui/status.tsx'
import { Ago } from '@console/ui/time-text.tsx'
import { RefreshCw } from 'lucide-react'

/** Whether the four chains hold, as a sentence; then each by itself. */
export function ChainSeal({
  chains,
  onCheck,
  busy,
  failed,
}: {
  readonly chains: readonly ChainState[]
  readonly onCheck: () => void
  readonly busy: boolean
  /** The last check was refused or got no answer. */
  readonly failed: boolean
}) {
  const broken = chains.filter(({ state }) => state === 'broken')
  const away = chains.filter(({ state }) => state === 'away')
  const kind = chains.length === 0 ? (failed ? 'unknown' : 'verifying') : broken.length > 0 ? 'bad' : away.length > 0 ? 'unknown' : 'ok'
  const checkedAt = chains[0]?.checkedAt
  return (
    <section className="panel seal" aria-label="Chains">
      <span className={`fg ${toneOf(kind)}`}>
        <Glyph kind={kind} size="l" />
      </span>
      <div className="grow">
        <p className="strong">{failed && chains.length === 0 ? 'Not verified' : sentenceOf(chains, broken.length, away.length)}</p>
        <p className="small c2">
          {checkedAt ? (
            <>
              Read from the first row <Ago at={checkedAt} />; each log signs checkpoints that the other three keep.
            </>
          ) : (
            !failed && 'Reading each from its first row.'
          )}
        </p>
        <div className="chains">
          {chains.map((chain) => (
            <Chain key={chain.log} chain={chain} />
          ))}
        </div>
      </div>
      <Button busy={busy} icon={<RefreshCw className="ic s" aria-hidden="true" />} onClick={onCheck}>
        {busy ? 'Verifying' : 'Verify now'}
      </Button>
    </section>
  )
}

function sentenceOf(chains: readonly ChainState[], broken: number, away: number): string {
  if (chains.length === 0) return 'Checking the chains'
  if (broken > 0) return `${broken} of ${chains.length} chains ${broken === 1 ? 'is' : 'are'} broken`
  const rows = chains.reduce((sum, chain) => sum + chain.rows, 0).toLocaleString('en-US')
  return away > 0
    ? `${chains.length - away} of ${chains.length} chains verified, ${away} cannot be read`
    : `${chains.length} chains verified, ${rows} rows`
}

function Chain({ chain }: { readonly chain: ChainState }) {
  const { log, state, rows, firstBadSeq, problem, unanchored } = chain
  const says =
    state === 'valid' ? `valid, ${rows.toLocaleString('en-US')} rows` : state === 'away' ? 'away' : `broken at row ${firstBadSeq}`
  return (
    <span title={problem ?? `${unanchored} rows after the last checkpoint that another log holds`}>
      <Status kind={state === 'valid' ? 'ok' : state === 'away' ? 'unknown' : 'bad'}>
        {log}: {says}
      </Status>
    </span>
  )
}
