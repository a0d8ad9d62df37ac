import type { ResultOf } from '@console/contracts/action'
import type { listContainers } from '@console/contracts/docker/actions'
import type { LiveUse, RecentUse } from '@console/contracts/system/schemas'

const idOf = (digit: string): string => digit.repeat(64)
const mib = 1_048_576
const madeAt = '2026-11-20T10:00:00.000Z'

type List = ResultOf<typeof listContainers>
const container = (digit: string, name: string, change: Partial<List['items'][number]> = {}): List['items'][number] => ({
  id: idOf(digit),
  name,
  names: [name],
  image: `${name}:71d20ce`,
  imageId: `sha256:${idOf('f')}`,
  createdAt: madeAt,
  state: 'running',
  status: 'Up',
  health: 'healthy',
  ports: [{ private: 8_080, public: 18_080, type: 'tcp' }],
  networks: ['orders_default'],
  mounts: [],
  labels: {},
  restartCount: 0,
  exitCode: null,
  startedAt: madeAt,
  finishedAt: null,
  oomKilled: false,
  project: 'orders',
  service: name,
  protected: false,
  ...change,
})

/** What docker-proxy could tell of five containers: one near its limit, one that cannot be measured, one that does not run. */
export const containerList: List = {
  items: [
    container('a', 'search-api', { health: 'unhealthy' }),
    container('b', 'report-worker', { restartCount: 7 }),
    container('c', 'cache'),
    container('d', 'newcomer', { health: 'none' }),
    container('e', 'migrate', { state: 'exited', health: 'none', exitCode: 0, finishedAt: madeAt }),
  ],
  nextCursor: null,
  asOf: madeAt,
  freshness: 'live',
  engine: { version: '29.0.2', apiVersion: '1.52' },
}

const use = (digit: string, cores: number, mebibytes: number, limit: number | null) => ({
  id: idOf(digit),
  cores,
  memoryBytes: mebibytes * mib,
  memoryLimitBytes: limit === null ? null : limit * mib,
})

export const liveUse: LiveUse = {
  asOf: madeAt,
  freshness: 'live',
  trouble: null,
  everySec: 2,
  memoryTotalBytes: 16_384 * mib,
  containers: { left: 0, items: [use('a', 1.917, 890, 1_024), use('b', 0.98, 506, 512), use('c', 0.02, 612, null)] },
}

const wave = (middle: number): (number | null)[] =>
  Array.from({ length: 60 }, (_, at) => (at > 20 && at < 26 ? null : middle * (1 + Math.sin(at / 4) / 5)))
export const recentUse: RecentUse = {
  stepSec: 10,
  items: [
    { id: idOf('a'), cores: wave(1.8) },
    { id: idOf('b'), cores: wave(0.8) },
    { id: idOf('c'), cores: wave(0.05) },
  ],
}
