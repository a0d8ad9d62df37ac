import { AppError } from '@console/http-kit/problem'
import type { SampleFiles } from '@console/series/sample-files'
import type { HealthWatch } from './health-watch.ts'
import { percentile } from './uptime.ts'

type Range = '1h' | '24h' | '7d' | '30d' | '90d'
const ranges: Record<Range, { spanSec: number; bucketSec: number }> = {
  '1h': { spanSec: 3_600, bucketSec: 60 },
  '24h': { spanSec: 86_400, bucketSec: 900 },
  '7d': { spanSec: 604_800, bucketSec: 7_200 },
  '30d': { spanSec: 2_592_000, bucketSec: 86_400 },
  '90d': { spanSec: 7_776_000, bucketSec: 86_400 },
}
const recentMost = 50

/** Measurements in buckets; a bucket without one is missing, so that gaps stay gaps. */
export function healthHistory(
  { watch, samples, now }: { readonly watch: HealthWatch; readonly samples: SampleFiles; readonly now: () => Date },
  serviceId: string,
  range: Range = '24h',
) {
  const health = watch.get(serviceId, 90)
  if (!health) throw new AppError('SERVICE_NOT_FOUND', 404, `There is no service ${serviceId}.`)
  const { spanSec, bucketSec } = ranges[range]
  const to = now().getTime()
  const all = samples.read(serviceId, to - spanSec * 1_000, to)
  const buckets = Map.groupBy(all, ({ at }) => Math.floor(at / (bucketSec * 1_000)))
  const points = [...buckets].map(([bucket, list]) => {
    const latencies = list.flatMap(({ latencyMs }) => latencyMs ?? [])
    const missed = list.filter(({ ok }) => ok === false).length
    const measured = list.filter(({ ok }) => ok !== null).length
    const state =
      measured === 0
        ? ('unknown' as const)
        : missed === 0
          ? ('up' as const)
          : missed === measured
            ? ('down' as const)
            : ('degraded' as const)
    return {
      at: new Date(bucket * bucketSec * 1_000).toISOString(),
      state,
      p50Ms: percentile(latencies, 0.5),
      p95Ms: percentile(latencies, 0.95),
    }
  })
  const recent = all
    .slice(-recentMost)
    .reverse()
    .map(({ at, check, ok, latencyMs, note }) => ({
      checkId: check,
      at: new Date(at).toISOString(),
      ok,
      latencyMs,
      note,
      tlsExpiresAt: null,
    }))
  return { health, bucketSec, points: points.sort((a, b) => (a.at < b.at ? -1 : 1)), recent }
}
