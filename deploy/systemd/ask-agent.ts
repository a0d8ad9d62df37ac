/** Exit status 0 when host-agent answers at the socket that is named: it refuses who brings no token. */
import { request } from 'node:http'

const body = '{}'
const headers = { host: 'host-agent', 'content-type': 'application/json', 'content-length': body.length }
const call = request({ socketPath: process.argv[2], path: '/v1/verbs.list', method: 'POST', timeout: 3_000, headers }, (reply) =>
  process.exit(reply.statusCode === 401 ? 0 : 1),
)
call.on('timeout', () => process.exit(1))
call.on('error', () => process.exit(1))
call.end(body)
