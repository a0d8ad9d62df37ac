import { Agent, request } from 'node:http'

/** A client of the engine's own socket that keeps one connection a reader: the least that a list can cost. */
export function engineClient(socketPath: string, readers: number) {
  const agents = Array.from({ length: readers }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  return {
    get: (path: string, reader = 0): Promise<number> =>
      new Promise((resolve, reject) => {
        const call = request({ socketPath, path, agent: agents[reader] ?? false }, (reply) => {
          let bytes = 0
          reply.on('data', (chunk: Buffer) => {
            bytes += chunk.length
          })
          reply.once('end', () => (reply.statusCode === 200 ? resolve(bytes) : reject(new Error(`${path}: ${reply.statusCode}`))))
        })
        call.once('error', reject)
        call.end()
      }),
    close: () => {
      for (const agent of agents) agent.destroy()
    },
  }
}
