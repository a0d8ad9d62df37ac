import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import process from 'node:process'
import type { Readable, Writable } from 'node:stream'

/** A unix socket here for one inside a container: every connection goes through the one `docker exec` that is kept open. */
export type VmRelay = { close(): Promise<void> }

/** What a frame does to the connection of its number. */
const kinds = ['open', 'data', 'end', 'close'] as const
type Kind = (typeof kinds)[number]
const headBytes = 9

/** @param node, program the paths, inside the container, of a Node and of this very file */
export async function startVmRelay(
  container: string,
  { here, there, node, program }: { readonly here: string; readonly there: string; readonly node: string; readonly program: string },
): Promise<VmRelay> {
  const child = spawn('docker', ['exec', '-i', container, node, '--disable-warning=ExperimentalWarning', program, there], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  const ends = joinEnds(child.stdout, child.stdin)
  let last = 0
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    last += 1
    ends.send(last, 'open')
    ends.carry(last, socket)
  })
  mkdirSync(dirname(here), { recursive: true })
  rmSync(here, { force: true })
  await new Promise<void>((resolve) => server.listen(here, resolve))
  return {
    async close() {
      server.close()
      const gone = new Promise((resolve) => child.once('close', resolve))
      child.stdin.end()
      child.kill()
      await gone
    },
  }
}

/** Both ends speak the same: number, kind, length, bytes. */
function joinEnds(from: Readable, to: Writable, opened?: (id: number) => Socket) {
  const sockets = new Map<number, Socket>()
  const send = (id: number, kind: Kind, bytes: Buffer = Buffer.alloc(0)): void => {
    const head = Buffer.alloc(headBytes)
    head.writeUInt32BE(id, 0)
    head.writeUInt8(kinds.indexOf(kind), 4)
    head.writeUInt32BE(bytes.length, 5)
    to.write(Buffer.concat([head, bytes]))
  }
  const carry = (id: number, socket: Socket): void => {
    sockets.set(id, socket)
    socket.on('data', (bytes) => send(id, 'data', bytes))
    socket.on('end', () => send(id, 'end'))
    socket.on('error', () => undefined)
    socket.once('close', () => {
      if (sockets.delete(id)) send(id, 'close')
    })
  }
  const take = (id: number, kind: Kind, bytes: Buffer): void => {
    if (kind === 'open' && opened) carry(id, opened(id))
    if (kind === 'data') sockets.get(id)?.write(bytes)
    if (kind === 'end') sockets.get(id)?.end()
    if (kind !== 'close') return
    const socket = sockets.get(id)
    sockets.delete(id)
    socket?.destroySoon()
  }
  let rest = Buffer.alloc(0)
  from.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= headBytes && rest.length >= headBytes + rest.readUInt32BE(5)) {
      const end = headBytes + rest.readUInt32BE(5)
      take(rest.readUInt32BE(0), kinds[rest.readUInt8(4)] ?? 'close', rest.subarray(headBytes, end))
      rest = rest.subarray(end)
    }
  })
  return { send, carry }
}

if (import.meta.main) {
  const target = process.argv[2] ?? ''
  joinEnds(process.stdin, process.stdout, () => connect({ path: target, allowHalfOpen: true }))
  process.stdin.once('end', () => process.exit(0))
}
