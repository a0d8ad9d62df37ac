import type { SignalFigures, SignalKind, SignalSource, SignalWindow } from '@console/contracts/hermes/signal-schemas'
import { formatLatency } from '@console/ui/format.ts'

const noData = 'No data'

export const kindWords: Readonly<Record<SignalKind, string>> = { turn: 'Turn', llm: 'Model call', tool: 'Tool', cron: 'Cron run' }
export const sourceWords: Readonly<Record<SignalSource, string>> = { traces: 'traces', webhooks: 'webhooks', metrics: 'metrics' }
export const windowWords: Readonly<Record<SignalWindow, string>> = { '24h': '24 hours', '7d': '7 days', '30d': '30 days' }

/** Nothing told is no zero. */
export function failureWords(figures: SignalFigures | null): string {
  if (figures === null || figures.failureRate === null) return noData
  return `${figures.failures.toLocaleString('en')}, ${percent(figures.failureRate)}`
}

export function latencyWords(figures: SignalFigures | null): string {
  if (figures === null || figures.p50Ms === null || figures.p95Ms === null) return noData
  return `p50 ${formatLatency(figures.p50Ms)}, p95 ${formatLatency(figures.p95Ms)}`
}

export function tokenWords({ tokensIn, tokensOut }: SignalFigures): string {
  if (tokensIn === null && tokensOut === null) return noData
  return `${(tokensIn ?? 0).toLocaleString('en')} in, ${(tokensOut ?? 0).toLocaleString('en')} out`
}

export function costWords({ costUsd }: SignalFigures): string {
  return costUsd === null ? noData : `$${costUsd.toFixed(costUsd < 1 ? 4 : 2)}`
}

/** Of few failures among many one more digit, so that they do not read as none. */
function percent(share: number): string {
  return `${(share * 100).toFixed(share === 0 ? 0 : share < 0.01 ? 2 : share < 0.1 ? 1 : 0)} %`
}
