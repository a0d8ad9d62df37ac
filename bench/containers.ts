import { request } from 'node:http'
import { dockerSocket } from '@console/testkit/machine'
import { testImage } from '@console/testkit/test-image'

const label = 'com.bytelyst.bench'
/** As many as an engine on two cores starts without waiting for itself. */
const atOnce = 4

/** Starts so many containers that do nothing, labelled as this program's own. By the engine's API, since a client program for each would take most of the time. */
export async function startContainers(count: number, command: readonly string[] = ['sleep', 'infinity'], prefix = 'bench'): Promise<void> {
  await inTurns(
    Array.from({ length: count }, (_, index) => index),
    async (index) => {
      const { Id } = (await ask('POST', `/containers/create?name=${prefix}-${process.pid}-${index}`, {
        Image: testImage,
        Cmd: command,
        Labels: { [label]: String(process.pid), 'com.bytelyst.test': '1' },
        HostConfig: { NetworkMode: 'none', Init: true },
      })) as { Id: string }
      await ask('POST', `/containers/${Id}/start`)
    },
  )
}

/** The ids of those that this program started. */
export async function ownContainers(): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${label}=${process.pid}`] }))
  return ((await ask('GET', `/containers/json?all=1&filters=${filters}`)) as { Id: string }[]).map(({ Id }) => Id)
}

/** Removes those that this program started, and no other. */
export async function removeContainers(): Promise<void> {
  await inTurns(await ownContainers(), (id) => ask('DELETE', `/containers/${id}?force=1&v=1`))
}

async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = items.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of waiting) await act(item)
    }),
  )
}

function ask(method: string, path: string, body?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {}
    const call = request({ socketPath: dockerSocket, path: `/v1.41${path}`, method, headers }, async (reply) => {
      let text = ''
      for await (const chunk of reply.setEncoding('utf8')) text += chunk
      if ((reply.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${reply.statusCode} ${text}`))
      else resolve(text === '' ? null : JSON.parse(text))
    })
    call.once('error', reject)
    call.end(body && JSON.stringify(body))
  })
}
