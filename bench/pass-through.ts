import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { pipeline } from 'node:stream'

/** Run as a program: everything that comes on one unix socket goes to another one, and back. What a daemon on Node costs at the least. */
const { FROM_SOCKET: from = '', TO_SOCKET: to = '' } = process.env
const server = createServer((asked, answer) => {
  const call = request({ socketPath: to, method: asked.method, path: asked.url, headers: asked.headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers)
    pipeline(reply, answer, () => undefined)
  })
  call.once('error', () => answer.destroy())
  pipeline(asked, call, () => undefined)
})
server.listen(from)
await once(server, 'listening')
console.log('{"msg":"ready"}')
