// A service that is a plain process: answers on loopback with its release.
import { createServer } from 'node:http'

const release = process.env.RELEASE ?? 'unknown'
createServer((request, response) => {
  const ok = request.url === '/healthz'
  response.writeHead(ok ? 200 : 404, { 'content-type': 'text/plain' }).end(ok ? `ready ${release}\n` : 'not found\n')
}).listen(Number(process.env.PORT ?? 7401), '127.0.0.1')
