import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream'

/** A unix socket of the test's own in front of another: cutting it harms nobody else. */
export type Relay = {
  readonly path: string
  /** Connections on which something was asked that holds this text, and which are still open. */
  open(text: string): number
  /** Every byte that was sent to the target, as latin1, each connection for itself. */
  sent(): readonly string[]
  /** From now on the target’s answers are changed on their way; null lets them pass again. */
  alter(how: Alter | null): void
  /** Closes the socket and every connection through it; the target stays as it is. */
  cut(): void
  /** Opens it again after that. */
  listen(): void
}

/** What a piece of an answer becomes. `asked`: all that was sent on its connection. */
export type Alter = (asked: string, piece: Buffer) => Iterable<Buffer> | AsyncIterable<Buffer>

export function startRelay(path: string, target: string): Relay {
  const asked: { text: string; open: boolean }[] = []
  const sockets = new Set<Socket>()
  let alter: Alter = (_, piece) => [piece]
  let server = createServer()
  const relay = (client: Socket): void => {
    const upstream = connect(target)
    const one = { text: '', open: true }
    asked.push(one)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => sockets.delete(socket))
    }
    client.on('data', (chunk) => {
      one.text += chunk.toString('latin1')
    })
    client.once('close', () => {
      one.open = false
      upstream.destroy()
    })
    client.pipe(upstream)
    const passOn = async function* (pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) yield* alter(one.text, piece)
    }
    pipeline(upstream, passOn, client, () => upstream.readableEnded || client.destroy())
  }
  const listen = (): void => {
    rmSync(path, { force: true })
    server = createServer(relay).listen(path)
  }
  listen()
  return {
    path,
    open: (text) => asked.filter((one) => one.open && one.text.includes(text)).length,
    sent: () => asked.map((one) => one.text).filter(Boolean),
    alter(how) {
      alter = how ?? ((_, piece) => [piece])
    },
    cut() {
      server.close()
      for (const socket of sockets) socket.destroy()
      rmSync(path, { force: true })
    },
    listen,
  }
}
