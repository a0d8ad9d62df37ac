/** What is checked by `health-checks.ts`, in a process of its own so that its work is not taken for ours: it notes when each path was asked. It ends with its parent. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const arrivals: Record<string, number[]> = {}
const server = createServer((request, response) => {
  const times = arrivals[request.url ?? ''] ?? []
  arrivals[request.url ?? ''] = times
  times.push(Date.now())
  response.end('fine')
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', () => process.send?.(arrivals))
process.once('disconnect', () => process.exit(0))
