import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type FakeModel = { digest: string; size: number; family: string; parameterSize: string; quantisation: string; modifiedAt: string }
type Seen = { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string }
type Own = (request: Seen, response: ServerResponse) => void
export type FakeOllama = {
  readonly port: number
  readonly models: Map<string, FakeModel>
  /** Until when each is loaded; null for ever. */
  readonly loaded: Map<string, string | null>
  readonly requests: Seen[]
  /** Layers of whatever is pulled next. */
  layers: { digest: string; size: number }[]
  /** From now on answers on this path are the test's own; null for the usual ones. */
  instead(path: string, own: Own | null): void
  /** Pulls stop in the middle of their last layer until this is given back. */
  hold(): () => void
  /** Names of pulls whose asker went away. */
  readonly left: string[]
  stop(): Promise<void>
}

export const digestFor = (text: string): string => createHash('sha256').update(text).digest('hex')

/** An Ollama on a free port of loopback that keeps its models in memory: what its real one answers, and pulls beside. */
export async function startFakeOllama(names: readonly string[] = ['lab-tiny:latest', 'lab-tiny:q8']): Promise<FakeOllama> {
  const own = new Map<string, Own>()
  const models = new Map(names.map((name, at) => [name, modelFor(name, 900_000 - at * 100_000)]))
  let gate: Promise<void> = Promise.resolve()
  const fake = {
    models,
    loaded: new Map<string, string | null>(),
    requests: [] as Seen[],
    left: [] as string[],
    layers: [
      { digest: digestFor('layer 1'), size: 1_000_000 },
      { digest: digestFor('layer 2'), size: 4_000 },
    ],
    instead: (path: string, answer: Own | null) => void (answer ? own.set(path, answer) : own.delete(path)),
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      const seen = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      }
      fake.requests.push(seen)
      const answer = own.get(seen.path)
      if (answer) return answer(seen, response)
      if (seen.path === '/api/pull') return void pull(fake, seen, response, () => gate)
      const { status, body } = answerTo(fake, seen)
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body === null ? '' : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(fake, {
    port: (server.address() as AddressInfo).port,
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  })
}

export function modelFor(name: string, size: number): FakeModel {
  return {
    digest: digestFor(name),
    size,
    family: 'llama',
    parameterSize: '482K',
    quantisation: 'F16',
    modifiedAt: '2026-11-20T10:00:00.123456789Z',
  }
}

type State = Pick<FakeOllama, 'models' | 'loaded' | 'left' | 'layers'>

function answerTo({ models, loaded }: State, { method, path, body }: Seen): { status: number; body: unknown } {
  const asked = body === '' ? {} : (JSON.parse(body) as { model?: string; keep_alive?: unknown; source?: string; destination?: string })
  const unknown = { status: 404, body: { error: `model '${asked.model}' not found` } }
  const known = asked.model === undefined ? undefined : models.get(asked.model)
  switch (`${method} ${path}`) {
    case 'GET /api/version':
      return { status: 200, body: { version: '0.17.4' } }
    case 'GET /api/tags':
      return { status: 200, body: { models: [...models].map(([name, model]) => rowOf(name, model)) } }
    case 'GET /api/ps':
      return { status: 200, body: { models: [...loaded].map(([name, until]) => loadedRow(name, models.get(name), until)) } }
    case 'POST /api/copy': {
      const from = models.get(asked.source ?? '')
      if (from) models.set(asked.destination ?? '', from)
      return from ? { status: 200, body: null } : unknown
    }
    case 'POST /api/generate':
      if (!known) return unknown
      if (asked.keep_alive === 0) loaded.delete(asked.model ?? '')
      else loaded.set(asked.model ?? '', asked.keep_alive === -1 ? null : new Date(Date.now() + 300_000).toISOString())
      return { status: 200, body: { model: asked.model, response: '', done: true } }
    case 'DELETE /api/delete':
      return models.delete(asked.model ?? '') ? { status: 200, body: null } : unknown
    default:
      return { status: 404, body: { error: 'not found' } }
  }
}

function rowOf(name: string, { digest, size, family, parameterSize, quantisation, modifiedAt }: FakeModel): object {
  const details = {
    parent_model: '',
    format: 'gguf',
    family,
    families: [family],
    parameter_size: parameterSize,
    quantization_level: quantisation,
  }
  return { name, model: name, modified_at: modifiedAt, size, digest, details }
}

function loadedRow(name: string, model: FakeModel | undefined, until: string | null): object {
  const size = (model?.size ?? 0) + 300_000
  return { ...rowOf(name, model ?? modelFor(name, 1)), size, expires_at: until ?? '2319-03-10T14:57:39.700779962Z', size_vram: 0 }
}

async function pull(state: State, { body }: Seen, response: ServerResponse, gate: () => Promise<void>): Promise<void> {
  const { model: name = '' } = JSON.parse(body) as { model?: string }
  response.once('close', () => response.writableFinished || state.left.push(name))
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const say = (line: object): void => void response.write(`${JSON.stringify(line)}\n`)
  say({ status: 'pulling manifest' })
  if (name.startsWith('nothing-here'))
    return void response.end(`${JSON.stringify({ error: 'pull model manifest: file does not exist' })}\n`)
  const { layers } = state
  for (const [at, { digest, size }] of layers.entries()) {
    const told = { status: `pulling ${digest.slice(0, 12)}`, digest: `sha256:${digest}`, total: size }
    say(told)
    say({ ...told, completed: Math.floor(size / 2) })
    if (at === layers.length - 1) await gate()
    say({ ...told, completed: size })
  }
  say({ status: 'verifying sha256 digest' })
  say({ status: 'writing manifest' })
  if (response.destroyed) return
  state.models.set(
    name,
    modelFor(
      name,
      layers.reduce((sum, { size }) => sum + size, 0),
    ),
  )
  response.end(`${JSON.stringify({ status: 'success' })}\n`)
}
