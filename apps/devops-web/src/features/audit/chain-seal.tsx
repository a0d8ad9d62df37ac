import type { ChainState } from '@console/contracts/audit/schemas'
import { Button } from '@console/ui/button.tsx'
import { formatInstant } from '@console/ui/format.ts'
import { Glyph, Status, type StatusKind, toneOf } from '@console/ui/status.tsx'
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
  const restored = chains.filter(({ state }) => state === 'restored')
  const kind =
    chains.length === 0
      ? failed
        ? 'unknown'
        : 'verifying'
      : broken.length > 0
        ? 'bad'
        : away.length > 0
          ? 'unknown'
          : restored.length > 0
            ? 'warn'
            : 'ok'
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
        {Object.values(Object.groupBy(restored, ({ restored: by }) => JSON.stringify(by))).map((alike) => (
          <Restored key={alike?.[0]?.log} chains={alike ?? []} />
        ))}
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

/** Logs that one restore put back. */
function Restored({ chains }: { readonly chains: readonly ChainState[] }) {
  const restored = chains[0]?.restored
  if (!restored) return null
  return (
    <p className="small">
      {chains.map(({ log }) => log).join(', ')}: restored <time dateTime={restored.at}>{formatInstant(restored.at)}</time> by {restored.by},
      from {restored.backup}. Rows that other logs had witnessed are gone; every log that it concerns was told of it.
    </p>
  )
}

function sentenceOf(chains: readonly ChainState[], broken: number, away: number): string {
  if (chains.length === 0) return 'Checking the chains'
  if (broken > 0) return `${broken} of ${chains.length} chains ${broken === 1 ? 'is' : 'are'} broken`
  const rows = chains.reduce((sum, chain) => sum + chain.rows, 0).toLocaleString('en-US')
  const restored = chains.filter(({ state }) => state === 'restored').length
  const back = restored > 0 ? `, ${restored} of them restored` : ''
  return away > 0
    ? `${chains.length - away} of ${chains.length} chains verified${back}, ${away} cannot be read`
    : `${chains.length} chains verified${back}, ${rows} rows`
}

function Chain({ chain }: { readonly chain: ChainState }) {
  const { log, state, rows, firstBadSeq, problem, unanchored } = chain
  const count = `${rows.toLocaleString('en-US')} rows`
  const [kind, says] = {
    valid: ['ok', `valid, ${count}`],
    restored: ['warn', `restored, ${count}`],
    away: ['unknown', 'away'],
    broken: ['bad', `broken at row ${firstBadSeq}`],
  }[state] as [StatusKind, string]
  return (
    <span title={problem ?? `${unanchored} rows after the last checkpoint that another log holds`}>
      <Status kind={kind}>
        {log}: {says}
      </Status>
    </span>
  )
}
