import type { ProxyFront } from '@console/testkit/proxy-front'
import { expect } from 'vitest'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']

type Call = readonly [method: string, path: string]

/** Every operation of every version (scripts/engine-operations.ts makes the list of them from the engine’s own documents), with every method, under each way in which an engine is asked for a version. */
export function operationCalls(operations: Readonly<Record<string, readonly string[]>>, id: string): Call[] {
  const paths = [
    ...new Set(
      Object.values(operations)
        .flat()
        .map((one) => one.split(' ')[1] ?? ''),
    ),
  ]
  const versions = ['', ...Object.keys(operations).map((version) => `/v${version}`)]
  return paths
    .map((path) => path.replaceAll(/\{[a-zA-Z]+\}/g, (name) => (name === '{id}' ? id : 'alpha')))
    .flatMap((path, at) => methods.map((method) => [method, `${versions[at % versions.length]}${path}`] as const))
}

/** What would be worst, each by its name, so that a reader sees it. */
export function worstCalls(version: string, id: string): Call[] {
  const api = `/v${version}`
  const of = `${api}/containers/${id}`
  return [
    ['POST', `${of}/exec`],
    ['POST', `${api}/exec/1/start`],
    ['POST', `${of}/attach`],
    ['GET', `${of}/attach/ws`],
    ['GET', `${of}/archive?path=/`],
    ['PUT', `${of}/archive?path=/`],
    ['HEAD', `${of}/archive?path=/`],
    ['GET', `${of}/export`],
    ['POST', `${api}/commit`],
    ['POST', `${of}/kill`],
    ['POST', `${of}/update`],
    ['POST', `${api}/containers/create`],
    ['POST', `${of}/rename`],
    ['POST', `${of}/wait`],
    ['POST', `${of}/resize`],
    ['DELETE', of],
    ['POST', '/session'],
    ['POST', '/grpc'],
    ['POST', `${api}/build`],
    ['POST', `${api}/auth`],
    ['GET', `${api}/images/get`],
    ['POST', `${api}/images/load`],
    ['POST', `${api}/plugins/pull`],
    ['POST', `${api}/swarm/init`],
    ['GET', `${api}/secrets`],
    ['GET', `${api}/configs`],
    ['GET', '/debug/pprof/heap'],
    ['GET', `${api}/info`],
    ['POST', '/v1/containers.exec'],
    ['POST', '/v1/containers.create'],
    ['POST', '/v1/containers.remove'],
  ]
}

const atOnce = 20

/** Each is refused, alone on its connection. */
export async function refuseCalls(rig: ProxyFront, calls: readonly Call[]): Promise<void> {
  for (let from = 0; from < calls.length; from += atOnce)
    await Promise.all(
      calls.slice(from, from + atOnce).map(async ([method, path]) => {
        const { status, closed } = await rig.send(rig.call({ method, path, body: '{}' }))
        expect([method, path, status, closed]).toEqual([method, path, expect.toBeOneOf([400, 404, 405]), true])
      }),
    )
}
