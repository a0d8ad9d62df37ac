import { until } from '@console/testkit/daemon-harness'
import type { ProxyFront } from '@console/testkit/proxy-front'

/** Long enough for a model that reads anew on a busy machine. */
export const withinMs = 30_000

/** What a case asks of docker-proxy's model and of the journal. @param rig read at each question, since it starts later */
export function askingModel(rig: () => ProxyFront) {
  const list = async () =>
    (await rig().kit.ask('containers.list', {}, 'service')).body as unknown as {
      freshness: string
      asOf: string
      items: { id: string; name: string; state: string }[]
    }
  return {
    list,
    is: (freshness: string) => until(`it is ${freshness}`, async () => (await list()).freshness === freshness, withinMs),
    names: async () => (await list()).items.map(({ name }) => name).sort(),
    restart: (container: string) => rig().kit.ask('containers.restart', { container }, 'operator'),
    failed: async (code: string) => (await rig().rows()).filter((row) => row.outcome === 'failed' && row.code === code).length,
  }
}
