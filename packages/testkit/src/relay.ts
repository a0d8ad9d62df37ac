import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'

/** A unix socket of the test's own in front of another: cutting it harms nobody else. */
export type Relay = {
  readonly path: string
  /** Connections on which something was asked that holds this text, and which are still open. */
  open(text: string): number
  /** Closes the socket and every connection through it; the target stays as it is. */
  cut(): void
}

export function startRelay(path: string, target: string): Relay {
  rmSync(path, { force: true })
  const asked = new Map<Socket, string>()
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => sockets.delete(socket))
    }
    client.on('data', (chunk) => asked.set(client, `${asked.get(client) ?? ''}${chunk.toString('latin1')}`.slice(-4_096)))
    client.once('close', () => {
      asked.delete(client)
      upstream.destroy()
    })
    upstream.once('close', () => client.destroy())
    client.pipe(upstream)
    upstream.pipe(client)
  })
  server.listen(path)
  return {
    path,
    open: (text) => [...asked.values()].filter((one) => one.includes(text)).length,
    cut() {
      server.close()
      for (const socket of sockets) socket.destroy()
      rmSync(path, { force: true })
    },
  }
}
