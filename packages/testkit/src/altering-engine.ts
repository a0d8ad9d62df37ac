import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What becomes of one exchange with the engine. What it does not name goes through as it is. */
export type Alteration = {
  /** Waited for before the request goes on to the engine. */
  readonly before?: () => Promise<unknown>
  /** Sent in place of any answer, for which the engine is not asked; then the connection ends. */
  readonly instead?: string
  /** Takes the whole answer, head and body, as latin1, and says what is sent instead; then the connection ends. */
  readonly answer?: (whole: string) => string | Promise<string>
  /** Goes on after that for as long as the other side listens; without it the connection ends. */
  readonly endless?: string
}
/** A socket in front of a real engine, whose answers are the engine's own but for what a test alters. */
export type AlteringEngine = {
  readonly path: string
  /** Asks this for each request first; undefined, or null for the whole, leaves the exchange as it is. */
  alter(next: ((line: string) => Alteration | undefined) | null): void
  /** Asks this for each line of an event stream; what it gives goes on in its place. Null leaves them. */
  alterEvents(next: ((line: string) => readonly string[]) | null): void
  /** Ends every connection and the socket; `listen` opens it again. */
  cut(): Promise<void>
  listen(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
}

export async function startAlteringEngine(target: string): Promise<AlteringEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'altering-'))
  const path = join(dir, 'engine.sock')
  const sockets = new Set<Socket>()
  let alter: Parameters<AlteringEngine['alter']>[0] = null
  let alterEvents: Parameters<AlteringEngine['alterEvents']>[0] = null
  let server: ReturnType<typeof createServer> | null = null

  const pass = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url } = asked
    const alteration = alter?.(`${method} ${url} HTTP/1.1`)
    await alteration?.before?.()
    if (response.destroyed) return
    if (alteration?.instead !== undefined) return void response.socket?.end(alteration.instead)
    const call = request({ socketPath: target, method, path: url, headers: asked.headers, agent: false }, (reply) => {
      reply.on('error', () => response.destroy())
      if (alteration?.answer) void wholeOf(reply).then((whole) => say(response, whole, alteration))
      else {
        response.writeHead(reply.statusCode ?? 0, reply.rawHeaders).flushHeaders()
        if (url?.includes('/events?')) passEvents(reply, response, (line) => alterEvents?.(line) ?? [line])
        else reply.pipe(response)
      }
    })
    call.once('error', () => response.destroy())
    response.on('error', () => undefined).once('close', () => call.destroy())
    asked.pipe(call)
  }
  const listen = async (): Promise<void> => {
    rmSync(path, { force: true })
    server = createServer((asked, response) => void pass(asked, response))
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => sockets.delete(socket))
    })
    const listening = server.listen(path)
    await new Promise((resolve) => listening.once('listening', resolve))
  }
  const cut = async (): Promise<void> => {
    const closing = server
    server = null
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => (closing ? closing.close(() => resolve()) : resolve()))
    rmSync(path, { force: true })
  }
  await listen()
  return {
    path,
    alter(next) {
      alter = next
    },
    alterEvents(next) {
      alterEvents = next
    },
    listen,
    cut,
    async stop() {
      await cut()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** An alteration of the JSON of an answer, whose length is put right. */
export const alteredJson = (change: (body: never) => unknown): Pick<Alteration, 'answer'> => ({
  answer(whole) {
    const [head = '', ...rest] = whole.split('\r\n\r\n')
    const body = JSON.stringify(change(JSON.parse(Buffer.from(rest.join('\r\n\r\n'), 'latin1').toString('utf8')) as never))
    return `${head.replace(/content-length: \d+/, `content-length: ${Buffer.byteLength(body)}`)}\r\n\r\n${Buffer.from(body).toString('latin1')}`
  },
})

/** The answer as one text, with the length of its body in place of chunks. */
async function wholeOf(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of reply) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const headers = reply.rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${reply.rawHeaders[at + 1]}`] : []))
  const kept = headers.filter((line) => !/^(content-length|transfer-encoding|connection):/i.test(line))
  const head = [`HTTP/1.1 ${reply.statusCode} ${reply.statusMessage}`, ...kept, 'connection: close', `content-length: ${body.length}`]
  return `${head.join('\r\n')}\r\n\r\n${body.toString('latin1')}`
}

async function say({ socket }: ServerResponse, whole: string, { answer, endless }: Alteration): Promise<void> {
  const said = Buffer.from((await answer?.(whole)) ?? whole, 'latin1')
  if (endless === undefined) return void socket?.end(said)
  const more = (error?: Error | null): void => void (!error && !socket?.destroyed && socket?.write(endless, more))
  socket?.write(said, more)
}

function passEvents(reply: IncomingMessage, response: ServerResponse, change: (line: string) => readonly string[]): void {
  let rest = ''
  reply.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter(Boolean).flatMap(change)) response.write(`${line}\n`)
  })
  reply.once('end', () => response.end())
}
