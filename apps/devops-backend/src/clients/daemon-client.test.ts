import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readContainerLog } from '@console/verbs/containers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDaemonClient, type DaemonClient } from './daemon-client.ts'
import { dockerProxyOver } from './docker-proxy.ts'

const ask = { as: { accessToken: 'token', grant: undefined }, requestId: 'r1' } as const
const line = { at: '2026-03-01T12:00:00.000Z', stream: 'out', text: 'hello' }

describe('the client of a daemon', () => {
  let folder: string
  let server: Server
  let client: DaemonClient
  let answer: (request: IncomingMessage, response: ServerResponse) => void

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'daemon-'))
    const socketPath = join(folder, 'daemon.sock')
    server = createServer((request, response) => {
      request.resume()
      request.once('end', () => answer(request, response))
    })
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    client = createDaemonClient({ daemon: 'docker-proxy', socketPath, away: 'DOCKER_PROXY_AWAY', serviceToken: () => 'service' })
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await client.close()
    rmSync(folder, { recursive: true })
  })
  const problem = (response: ServerResponse, code: string, status = 503) =>
    response
      .writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '7' })
      .end(JSON.stringify({ type: 'about:blank', title: 'x', status, detail: 'Away.', code, requestId: 'r1' }))
  const follow = () => dockerProxyOver(client).logs({ container: 'web', follow: true }, ask)

  it('tells a refusal of a stream before there is a stream, however late the refusal comes', async () => {
    answer = (_, response) => void setTimeout(() => problem(response, 'DOCKER_ENGINE_AWAY'), 600)
    await expect(follow()).rejects.toMatchObject({ code: 'DOCKER_ENGINE_AWAY', status: 503, headers: { 'retry-after': '7' } })
  })

  it('gives the lines as they come, whatever the chunks, and drops pings', async () => {
    answer = (_, response) => {
      response.writeHead(200)
      const text = `${JSON.stringify(line)}\n{"ping":true}\n${JSON.stringify({ ...line, text: 'grüße' })}\n{"ended":"ended"}\n`
      for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]))
      response.end()
    }
    const seen = []
    for await (const event of await follow()) seen.push(event)
    expect(seen).toEqual([line, { ...line, text: 'grüße' }, { ended: 'ended' }])
  })

  it('tells a connection that breaks in the middle as a daemon that is away', async () => {
    answer = (_, response) => {
      response.writeHead(200)
      response.write(`${JSON.stringify(line)}\n`, () => response.destroy())
    }
    const read = async () => {
      for await (const _ of await follow());
    }
    await expect(read()).rejects.toMatchObject({ code: 'DOCKER_PROXY_AWAY', status: 503 })
  })

  it('does not believe a code that nobody knows, nor an answer that is no problem', async () => {
    answer = (_, response) => problem(response, 'MADE_UP', 409)
    await expect(follow()).rejects.toMatchObject({ code: 'INTERNAL', status: 500 })
    answer = (_, response) => void response.writeHead(500).end('<html>')
    await expect(client.call(readContainerLog, { container: 'web' }, ask)).rejects.toMatchObject({ code: 'DOCKER_PROXY_AWAY', status: 503 })
  })

  it('follows no redirect', async () => {
    let asked = 0
    answer = (_, response) => {
      asked += 1
      response.writeHead(302, { location: '/v1/containers.restart' }).end('{}')
    }
    await client.call(readContainerLog, { container: 'web' }, ask).catch(() => undefined)
    expect(asked).toBe(1)
  })

  it('sends a person’s token and confirmation, or its own token, never both', async () => {
    const seen: object[] = []
    answer = ({ headers }, response) => {
      seen.push({ authorization: headers.authorization, grant: headers['x-grant'], id: headers['x-request-id'] })
      response.end('{}')
    }
    await client.call(readContainerLog, { container: 'web' }, { as: { accessToken: 'mine', grant: 'g' }, requestId: 'r2' })
    await client.call(readContainerLog, { container: 'web' }, { as: 'service', requestId: 'r3' })
    expect(seen).toEqual([
      { authorization: 'Bearer mine', grant: 'g', id: 'r2' },
      { authorization: 'Bearer service', grant: undefined, id: 'r3' },
    ])
  })
})
