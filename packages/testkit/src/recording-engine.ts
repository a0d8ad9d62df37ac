import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type FakeContainer, frame, inspection, listRow } from './fake-container.ts'
import { answerDisk, type FakeDisk } from './fake-disk.ts'

/** A request as it reached the engine: its line, its headers as they were spelt, and its body. */
export type Recorded = { readonly line: string; readonly headers: readonly string[]; body: string }
/** What a test has the engine say instead of what it would. `raw` replaces the whole answer and ends the connection. */
export type Scripted =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | { readonly raw: string | Buffer }
  | { readonly respond: (response: ServerResponse) => void }
  | 'silence'

/** An engine of the test's own: a real HTTP server on a unix socket that keeps every byte which reaches it. */
export type RecordingEngine = {
  readonly socketPath: string
  readonly containers: Map<string, FakeContainer>
  /** What else takes space. */
  readonly disk: FakeDisk
  /** Every request so far, and every byte of them as latin1. */
  readonly requests: readonly Recorded[]
  bytes(): string
  /** Forgets what was recorded. */
  forget(): void
  /** Asks this for each request first; undefined leaves it to the engine. */
  script(answer: ((line: string) => Scripted | undefined | Promise<Scripted | undefined>) | null): void
  /** Sends an event to every event stream; a container's own are sent by `add`, `remove` and `change`. */
  event(value: object | string): void
  add(container: FakeContainer): void
  remove(id: string): void
  change(id: string, to: Partial<FakeContainer>, action: string): void
  /** Whether changes are told as events; false is an engine whose events are lost. */
  tell: boolean
  /** Writes to every open follow of this container's log. */
  print(id: string, text: string | Buffer): void
  readonly open: { readonly events: number; readonly follows: number }
  /** Ends every connection and the socket; `start` opens it again with what was there. */
  stop(): Promise<void>
  start(): Promise<void>
}

type Options = { readonly socketPath: string; readonly apiVersion?: unknown; readonly minApiVersion?: unknown }

export async function startRecordingEngine({ socketPath, apiVersion = '1.41', minApiVersion = '1.12' }: Options): Promise<RecordingEngine> {
  const containers = new Map<string, FakeContainer>()
  const disk: FakeDisk = { images: new Map(), volumes: new Map(), cache: new Map() }
  const sockets = new Set<Socket>()
  const eventStreams = new Set<ServerResponse>()
  const follows = new Map<ServerResponse, string>()
  let requests: Recorded[] = []
  let bytes: Buffer[] = []
  let script: Parameters<RecordingEngine['script']>[0] = null
  let server: ReturnType<typeof createServer> | null = null

  const keep = <T>(set: { delete(one: T): unknown }, one: T & ServerResponse): void => void one.once('close', () => set.delete(one))
  const own: Record<string, (response: ServerResponse, id: string, query: string) => void> = {
    version: (response) =>
      json(response, { Version: '20.10.24', ApiVersion: apiVersion, MinAPIVersion: minApiVersion, Os: 'linux', Arch: 'amd64' }),
    list: (response) => json(response, [...containers.values()].map(listRow)),
    events(response) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      eventStreams.add(response)
      keep(eventStreams, response)
    },
    json: (response, id) => json(response, inspection(containers.get(id) as FakeContainer)),
    logs(response, id, query) {
      const { log, tty } = containers.get(id) as FakeContainer
      response.writeHead(200).flushHeaders()
      for (const text of log ?? []) response.write(frame(text, tty))
      if (!query.includes('follow=1')) return response.end()
      follows.set(response, id)
      keep(follows, response)
    },
    stats: (response) => json(response, { cpu_stats: { online_cpus: 2 }, memory_stats: { usage: 5, limit: 10 } }),
    restart(response, id) {
      engine.change(id, { state: 'running', startedAt: new Date().toISOString() }, 'restart')
      response.writeHead(204).end()
    },
  }
  const answer = (response: ServerResponse, line: string): void => {
    const [method, target = ''] = line.split(' ')
    const [path = '', query = ''] = target.split('?')
    const [, id = '', verb = ''] = /^\/v1\.[0-9]+\/containers\/([^/]+)\/([a-z]+)$/.exec(path) ?? []
    const name = path === '/version' ? 'version' : path.endsWith('/events') ? 'events' : path.endsWith('/containers/json') ? 'list' : verb
    const known = method === (name === 'restart' ? 'POST' : 'GET') && (id === '' || containers.has(id)) && own[name]
    if (known) known(response, id, query)
    else answerElse(response, method, path, query)
  }
  const answerElse = (response: ServerResponse, method: string | undefined, path: string, query: string): void => {
    const removed = method === 'DELETE' ? containers.get(path.split('/').at(-1) ?? '') : undefined
    const told = answerDisk({ disk, containers }, method ?? '', path, query)
    if (removed && told?.status === 204 && engine.tell) engine.event(eventOf(removed, 'destroy'))
    if (told?.status === 204) response.writeHead(204).end()
    else json(response, told?.body ?? { message: `No such thing: ${path}` }, told?.status ?? 404)
  }
  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const line = `${request.method} ${request.url} HTTP/${request.httpVersion}`
    const headers = request.rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${request.rawHeaders[at + 1]}`] : []))
    const recorded: Recorded = { line, headers, body: '' }
    requests.push(recorded)
    request.on('data', (chunk: Buffer) => {
      recorded.body += chunk.toString('latin1')
    })
    response.on('error', () => undefined)
    const scripted = await script?.(line)
    if (scripted === undefined) answer(response, line)
    else if (scripted !== 'silence') play(response, scripted)
  }

  const engine: RecordingEngine = {
    socketPath,
    containers,
    disk,
    tell: true,
    get requests() {
      return requests
    },
    get open() {
      return { events: eventStreams.size, follows: follows.size }
    },
    bytes: () => Buffer.concat(bytes).toString('latin1'),
    forget() {
      requests = []
      bytes = []
    },
    script(next) {
      script = next
    },
    event(value) {
      for (const stream of eventStreams) stream.write(typeof value === 'string' ? value : `${JSON.stringify(value)}\n`)
    },
    add(container) {
      containers.set(container.id, container)
      if (engine.tell) engine.event(eventOf(container, 'start'))
    },
    remove(id) {
      const container = containers.get(id)
      containers.delete(id)
      if (container && engine.tell) engine.event(eventOf(container, 'destroy'))
    },
    change(id, to, action) {
      const container = { ...(containers.get(id) as FakeContainer), ...to }
      containers.set(id, container)
      if (engine.tell) engine.event(eventOf(container, action))
    },
    print(id, text) {
      for (const [stream, of] of follows) if (of === id) stream.write(Buffer.isBuffer(text) ? text : frame(text, containers.get(id)?.tty))
    },
    async start() {
      rmSync(socketPath, { force: true })
      server = createServer((request, response) => void onRequest(request, response))
      server.on('connection', (socket: Socket) => {
        sockets.add(socket)
        socket.on('data', (chunk: Buffer) => bytes.push(chunk))
        socket.on('error', () => socket.destroy())
        socket.once('close', () => sockets.delete(socket))
      })
      const listening = server.listen(socketPath)
      await new Promise((resolve) => listening.once('listening', resolve))
    },
    async stop() {
      const closing = server
      server = null
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => (closing ? closing.close(() => resolve()) : resolve()))
      rmSync(socketPath, { force: true })
    },
  }
  await engine.start()
  return engine
}

/** An event as the engine writes it, with all that it says of the container beside. */
export function eventOf({ id, name, labels }: FakeContainer, action: string): object {
  const now = Date.now()
  const attributes = { ...labels, name, image: 'canary-event-image' }
  return {
    status: action,
    id,
    Type: 'container',
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    time: Math.floor(now / 1_000),
    timeNano: now * 1e6,
  }
}

function play(response: ServerResponse, scripted: Exclude<Scripted, 'silence'>): void {
  if ('respond' in scripted) scripted.respond(response)
  else if ('raw' in scripted) response.socket?.end(scripted.raw)
  else {
    const { status = 200, headers = {}, body = null } = scripted
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
