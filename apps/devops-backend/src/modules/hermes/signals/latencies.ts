/**
 * How long things took, counted in buckets that each reach an eleventh further than the one before (2^(1/8)), from a millisecond up:
 * a quantile is right to about 5 %, whatever the amount.
 */
export type Latencies = Map<number, number>

const perDoubling = 8
const mostBucket = 24 * perDoubling

export function addLatency(into: Latencies, ms: number, count = 1): void {
  const bucket = ms <= 1 ? 0 : Math.min(mostBucket, Math.ceil(Math.log2(ms) * perDoubling))
  into.set(bucket, (into.get(bucket) ?? 0) + count)
}

export function mergeLatencies(into: Latencies, from: Latencies): void {
  for (const [bucket, count] of from) into.set(bucket, (into.get(bucket) ?? 0) + count)
}

/** @param share 0 to 1 @returns milliseconds, the geometric middle of the bucket that it falls in; null without any */
export function quantileOf(latencies: Latencies, share: number): number | null {
  const total = [...latencies.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let before = 0
  for (const [bucket, count] of [...latencies].sort(([a], [b]) => a - b)) {
    before += count
    if (before >= share * total) return Math.round(2 ** ((bucket - 0.5) / perDoubling) * 10) / 10
  }
  return null
}
