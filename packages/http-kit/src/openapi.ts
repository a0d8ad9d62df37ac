import type { Action } from '@console/contracts/action'
import { allErrors } from '@console/contracts/errors'
import { Problem } from '@console/contracts/problem'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

type Document = Readonly<Record<string, unknown>>

/**
 * Serves the API's own description: OpenAPI 3.1 at `/docs/json`, a page at `/docs`. Both are stray paths that the mount must be told. They
 * are made when they are first asked for: that takes longer than all else at the start, and few ask.
 */
export function serveDocs(
  app: FastifyInstance,
  { prefix, title, actions }: { readonly prefix: string; readonly title: string; readonly actions: readonly Action[] },
): void {
  const document = madeOnce(() => JSON.stringify(openApiOf({ prefix, title, actions })))
  const page = madeOnce(() => pageOf({ prefix, title, actions }))
  app.get(`${prefix}/docs/json`, { schema: { hide: true } as object }, async (_request, reply) =>
    reply.type('application/json').serializer(String).send(document()),
  )
  app.get(`${prefix}/docs`, { schema: { hide: true } as object }, async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
      .serializer(String)
      .send(page()),
  )
  app.get('/docs', { schema: { hide: true } as object }, async (_request, reply) => reply.redirect(`${prefix}/docs`, 302))
}
export const docsPaths = (prefix: string): readonly string[] => [`${prefix}/docs/json`, `${prefix}/docs`, '/docs']

function madeOnce(make: () => string): () => string {
  let made: string | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** OpenAPI 3.1: each action once, `operationId` being its id. */
export function openApiOf({
  prefix,
  title,
  actions,
}: {
  readonly prefix: string
  readonly title: string
  readonly actions: readonly Action[]
}): Document {
  const paths: Record<string, Record<string, Document>> = {}
  for (const action of actions) {
    const path = `${prefix}${action.path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [action.method.toLowerCase()]: operationOf(action) }
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '1' },
    paths,
    components: {
      schemas: { Problem: jsonSchema(Problem, 'output') },
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: '__Secure-bl_ref' }, token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operationOf(action: Action): Document {
  const { success } = action
  const content = success.stream
    ? { 'text/event-stream': { schema: eventSchema(success.stream.map(({ event }) => event)) } }
    : success.file
      ? Object.fromEntries(
          [success.file, ...Object.values(success.formats ?? {})].map((type) => [
            type,
            { schema: type === 'application/json' ? {} : { type: 'string' } },
          ]),
        )
      : success.bytes
        ? bytesContent(action)
        : success.body
          ? { 'application/json': { schema: jsonSchema(success.body, 'output') } }
          : undefined
  const errors = [...action.errors, ...(action.older?.as.errors ?? [])]
  const statuses = [...new Set([...statusesOfTheKit(action), ...errors.map((code) => allErrors[code]?.status ?? 500)])].sort()
  const problem = {
    description: 'A problem.',
    content: {
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      ...(action.bytes?.status && bytesContent(action)),
    },
  }
  return {
    operationId: action.id,
    summary: action.summary,
    tags: [action.id.split('.')[0] ?? ''],
    'x-risk': action.risk,
    'x-role': action.role,
    ...(action.auth === 'public' || action.bytes?.signed
      ? { security: [] }
      : action.auth === 'ingest'
        ? { security: [{ token: [] }] }
        : { security: [{ session: [] }, { token: [] }] }),
    parameters: [
      ...parametersOf(action.params, 'path'),
      ...parametersOf(action.query, 'query'),
      ...(action.ifMatch ? [{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } }] : []),
    ],
    ...(action.method !== 'GET' && {
      requestBody: {
        required: true,
        content: action.bytes ? bytesContent(action) : { 'application/json': { schema: bodySchema(action) } },
      },
    }),
    responses: {
      [success.status]: { description: action.summary, ...(content && { content }) },
      ...Object.fromEntries(statuses.map((status) => [status, problem])),
    },
  }
}

/** Formats of others are told by their type alone; their shape stands where they are published. */
function bytesContent({ bytes }: Action): Document {
  return Object.fromEntries(
    (bytes?.types ?? []).map((type) => [type, { schema: type === 'application/json' ? { type: 'object' } : { type: 'string' } }]),
  )
}

/** One server-sent event of a stream; every stream may also say why it ends. The stream is described by its events, as readers of 3.1 do. */
function eventSchema(events: readonly string[]): Document {
  const text = { type: 'string' }
  const data = { ...text, contentMediaType: 'application/json' }
  return {
    type: 'object',
    properties: { event: { enum: [...new Set([...events, 'end', 'error'])] }, data, id: text },
    required: ['event', 'data'],
  }
}

/** Where an older spelling is taken too, either; new programs should not send it. */
function bodySchema({ body, older }: Action): unknown {
  const usual = body ? jsonSchema(body, 'input') : nothing
  return older ? { anyOf: [usual, { ...(jsonSchema(older.body, 'input') as Document), deprecated: true }] } : usual
}

/** What is not a read is sent as JSON, also where there is nothing to say: a form of another site can send no such thing. */
const nothing: Document = { type: 'object', additionalProperties: false }

/** What may be answered before or around the action's own code. */
function statusesOfTheKit({ method, ifMatch }: Action): number[] {
  const unsafe = method === 'GET' ? [] : [409, 413]
  return [400, 401, 403, 404, 415, 421, 429, 431, 500, 503, ...unsafe, ...(ifMatch ? [412, 428] : [])]
}

function parametersOf(shape: z.ZodObject | undefined, place: 'path' | 'query'): Document[] {
  return Object.entries(shape?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !(schema as z.ZodType).safeParse(undefined).success,
    schema: jsonSchema(schema as z.ZodType, 'input'),
  }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>
  return rest
}

function pageOf({
  prefix,
  title,
  actions,
}: {
  readonly prefix: string
  readonly title: string
  readonly actions: readonly Action[]
}): string {
  const rows = actions
    .map(
      (action) =>
        `<tr><td>${action.method}</td><td><code>${htmlText(prefix + action.path)}</code></td><td>${htmlText(action.summary)}</td><td>${action.risk}</td><td>${action.role}</td><td><code>${action.id}</code></td></tr>`,
    )
    .join('\n')
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${htmlText(title)}</title><h1>${htmlText(title)}</h1><p>Machine-readable: <a href="${prefix}/docs/json">OpenAPI 3.1</a></p><table border="1" cellpadding="4"><thead><tr><th>Method</th><th>Path</th><th>What it does</th><th>Risk</th><th>Least role</th><th>Permission</th></tr></thead><tbody>\n${rows}\n</tbody></table></html>`
}

function htmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
