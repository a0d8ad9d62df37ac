/** `healthy.ts PORT PATH` or `healthy.ts SOCKET`: status 0 when the part of this container answers. A daemon does by refusing who brings no token. */
import { request } from 'node:http'

const [where = '', path = '/v1/verbs.list'] = process.argv.slice(2)
const socket = where.startsWith('/')
const call = request(
  socket
    ? {
        socketPath: where,
        path,
        method: 'POST',
        timeout: 3_000,
        headers: { host: 'docker-proxy', 'content-type': 'application/json', 'content-length': 2 },
      }
    : { host: '127.0.0.1', port: Number(where), path, timeout: 3_000 },
  (reply) => process.exit(reply.statusCode === (socket ? 401 : 200) ? 0 : 1),
)
call.on('timeout', () => process.exit(1))
call.on('error', () => process.exit(1))
call.end(socket ? '{}' : undefined)
