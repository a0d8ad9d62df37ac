/** `healthy.ts SOCKET`: status 0 when the daemon of this container answers, which it does by refusing who brings no token. */
import { request } from 'node:http'

const [socketPath = ''] = process.argv.slice(2)
const call = request(
  {
    socketPath,
    path: '/v1/verbs.list',
    method: 'POST',
    timeout: 3_000,
    headers: { host: 'docker-proxy', 'content-type': 'application/json', 'content-length': 2 },
  },
  (reply) => process.exit(reply.statusCode === 401 ? 0 : 1),
)
call.on('timeout', () => process.exit(1))
call.on('error', () => process.exit(1))
call.end('{}')
