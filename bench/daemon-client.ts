import { Agent, request } from 'node:http'
import type { Harness } from '@console/testkit/daemon-harness'

/** Asks a daemon as an admin over kept connections, as devops-backend does; each reader is another person, so that nobody's limit is in the way. */
export function daemonClient(kit: Harness, readers: number) {
  const agents = Array.from({ length: readers }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  let asked = 0
  let headers = kit.headersFor('admin')
  return {
    ask: (verb: string, args: object, reader = 0): Promise<number> => {
      asked += 1
      // 600 reads a minute are one person's; the limit stays on, and the bench comes as several people.
      if (asked % 100 === 0) {
        kit.nextPerson()
        headers = kit.headersFor('admin')
      }
      const body = JSON.stringify(args)
      return new Promise((resolve, reject) => {
        const call = request(
          {
            socketPath: kit.socketPath,
            path: `/v1/${verb}`,
            method: 'POST',
            agent: agents[reader] ?? false,
            headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          },
          (reply) => {
            let bytes = 0
            reply.on('data', (chunk: Buffer) => {
              bytes += chunk.length
            })
            reply.once('end', () => (reply.statusCode === 200 ? resolve(bytes) : reject(new Error(`${verb}: ${reply.statusCode}`))))
          },
        )
        call.once('error', reject)
        call.end(body)
      })
    },
    close: () => {
      for (const agent of agents) agent.destroy()
    },
  }
}
