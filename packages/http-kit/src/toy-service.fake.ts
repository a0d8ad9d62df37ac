import type { AddressInfo } from 'node:net'
import type { NewRow } from '@console/audit-chain/log'
import { createMask } from '@console/audit-chain/mask'
import { type Action, defineAction } from '@console/contracts/action'
import { signGrant } from '@console/tokens/grant'
import { signingKeyFrom } from '@console/tokens/keys'
import { restartContainer } from '@console/verbs/containers'
import { createSlidingWindows } from '@console/verbs/sliding-window'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type BoundAction, bind, type StreamEvent, withOlder } from './bind.ts'
import type { Actor, Context } from './context.ts'
import { memoryIdempotency } from './idempotency.ts'
import { defaultLimits, type LimitTable } from './limits.ts'
import type { Measure } from './measure.ts'
import { mount } from './mount.ts'
import { AppError } from './problem.ts'
import { buildServer, listenOn } from './server.ts'
import { createStreamDesk, type StreamDesk } from './streams.ts'
import { createUsedGrants } from './used-grants.ts'

const at = { api: 'devops', auth: 'session', errors: ['TOY_BROKEN', 'STREAM_LIMIT'], summary: 'Play.' } as const
const thing = z.strictObject({ id: z.string() })
export const read = defineAction({
  ...at,
  id: 'toy.thing.get',
  method: 'GET',
  path: '/things/:id',
  risk: 'read',
  params: z.strictObject({ id: z.string().max(40) }),
  query: z.strictObject({ part: z.enum(['head', 'tail']).optional() }),
  success: { status: 200, body: thing },
})
export const change = defineAction({
  ...at,
  id: 'toy.thing.change',
  method: 'POST',
  path: '/things',
  risk: 'change',
  body: z.strictObject({ name: z.string().min(2), secret: z.string().optional() }),
  success: { status: 201, body: thing },
  audit: { target: { body: 'name' }, fields: { name: 'keep', secret: 'mask' }, facts: ['before'] },
})
export const destroy = defineAction({
  ...at,
  id: 'toy.thing.remove',
  method: 'DELETE',
  path: '/things/:id',
  risk: 'destroy',
  params: thing,
  success: { status: 204 },
  audit: { target: { param: 'id' }, fields: {} },
  confirm: 'Gone.',
})
export const follow = defineAction({
  ...at,
  id: 'toy.thing.stream',
  method: 'GET',
  path: '/stream',
  risk: 'read',
  success: { status: 200, stream: [{ event: 'tick', data: z.unknown() }] },
})
export const restart = defineAction({
  ...at,
  id: 'toy.thing.restart',
  method: 'POST',
  path: '/things/:id/restart',
  verb: restartContainer,
  params: thing,
  success: { status: 204 },
  audit: { target: { param: 'id' }, fields: {} },
})
export const planned = defineAction({
  ...at,
  id: 'toy.thing.plan',
  method: 'POST',
  path: '/plans',
  risk: 'read',
  role: 'operator',
  body: z.strictObject({ names: z.array(z.string()) }),
  success: { status: 200, body: thing },
})
export const sweep = defineAction({
  ...at,
  id: 'toy.thing.sweep',
  method: 'POST',
  path: '/sweep',
  risk: 'destroy',
  body: z.strictObject({ digest: z.string().length(64) }),
  success: { status: 204 },
  audit: { target: { body: 'digest' }, fields: { digest: 'keep' } },
  confirm: 'Gone.',
  older: { body: z.strictObject({ type: z.enum(['one', 'two']) }), as: planned as unknown as Action },
})
export const declared = [read, change, destroy, follow, restart, planned, sweep] as unknown as Action[]
const key = signingKeyFrom('a secret for the tests of the mount, long enough')
export const origin = 'http://localhost:3000'
export const admin: Actor = { kind: 'person', id: 'u1', name: 'One', role: 'admin', sid: 's1', byCookie: true, accessToken: null }

/** A service of seven actions on a real socket; what it meets can be changed while it runs. */
export type Toy = {
  readonly app: FastifyInstance
  readonly port: number
  readonly streams: StreamDesk
  readonly sockets: ReadonlySet<object>
  readonly rows: NewRow[]
  readonly effects: string[]
  /** Rows that were allowed to use the space held back for a full disk. */
  readonly essential: string[]
  actor: Actor
  auditFails: 'never' | 'intent' | 'outcome'
  /** Whether the session still is one, as open streams find out. */
  alive: boolean
  /** What the stream action answers. */
  feed: (ctx: Context) => AsyncIterable<StreamEvent>
  send(method: string, path: string, call?: { body?: unknown; headers?: Record<string, string> }): Promise<Response>
  grant(over?: Partial<Parameters<typeof signGrant>[1]>): string
}

const unplanned = 'c2ad0a9d28fe0e0ff0ab1b2d8a5eb7d0a6a1f1b4c4a94f1ee7e2a7c1b3c4d5e6'

export async function startToy({
  bound = (actions) => actions,
  limits: less = {},
  maxChange = 30,
  before = () => undefined,
  after = () => undefined,
  strayPaths = [],
  measure,
}: {
  /** What is done to the server before and after its actions are mounted. */
  readonly before?: (app: FastifyInstance) => unknown
  readonly after?: (app: FastifyInstance) => unknown
  readonly strayPaths?: readonly string[]
  readonly measure?: Pick<Measure, 'took'>
  readonly bound?: (actions: BoundAction[]) => BoundAction[]
  readonly limits?: Partial<LimitTable>
  readonly maxChange?: number
} = {}): Promise<Toy> {
  const app = await buildServer({
    name: 'toy',
    production: false,
    allowedOrigins: [origin],
    hosts: ['localhost', '127.0.0.1'],
    trustedProxy: [],
    write: () => undefined,
    ...(measure && { measure }),
  })
  const limits = { ...defaultLimits, perMinute: { ...defaultLimits.perMinute, change: maxChange, destroy: 100 }, ...less }
  const state = { actor: admin, auditFails: 'never' as Toy['auditFails'], alive: true, feed: twoTicks as Toy['feed'] }
  const [rows, effects, essential]: [NewRow[], string[], string[]] = [[], [], []]
  const streams = createStreamDesk(limits, async () => state.alive)
  before(app)
  mount(app, {
    name: 'toy-service',
    prefix: '/api',
    declared,
    bound: bound(boundTo(effects, (ctx) => state.feed(ctx))),
    strayPaths,
    limits,
    counters: createSlidingWindows(() => performance.now()),
    allowedOrigins: [origin],
    audit: {
      mask: createMask(Buffer.alloc(32, 1)),
      append: async (row, options) => {
        if (options?.essential) essential.push(`${row.action} ${row.outcome}`)
        if (state.auditFails === 'intent' && row.outcome === 'started') throw new Error('disk')
        if (state.auditFails === 'outcome' && row.outcome !== 'started') throw new Error('disk')
        rows.push(row)
        return { ...row, seq: rows.length, at: '', log: 'toy', prev: '', hash: '' }
      },
    },
    idempotency: memoryIdempotency(),
    grantKeys: { find: (kid) => (kid === key.kid ? key.publicKey : null) },
    usedGrants: createUsedGrants(() => Date.now()),
    streams,
    authenticate: async () => state.actor,
    checkCsrf: (_actor, token) => token === 'good',
    translate: (error) => error,
    alarm: () => undefined,
    now: () => Date.now(),
  })
  after(app)
  await listenOn(app, ['127.0.0.1'], 0)
  const sockets = new Set<object>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const { port } = app.server.address() as AddressInfo
  return Object.assign(state, {
    app,
    port,
    streams,
    sockets,
    rows,
    effects,
    essential,
    send: (method: string, path: string, { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {}) =>
      fetch(`http://127.0.0.1:${port}/api${path}`, {
        method,
        headers: { origin, 'x-csrf-token': 'good', ...(method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    grant: (over = {}) =>
      signGrant(
        key,
        { aud: 'toy-service', sub: 'u1', sid: 's1', verb: 'toy.thing.remove', digest: unplanned, ...over },
        { nowMs: Date.now() },
      ),
  })
}

function boundTo(effects: string[], feed: Toy['feed']): BoundAction[] {
  return [
    bind(read, async ({ params: { id } }) => (id === 'talkative' ? { id, secret: 'hunter2' } : { id })),
    bind(change, async ({ ctx, body }) => {
      if (body.name === 'known') ctx.tell({ before: 'old' })
      if (body.name === 'stray') ctx.tell({ before: 'old', secret: 'hunter2' })
      if (body.name === 'broken') ctx.tell({ before: 'whole' })
      effects.push(body.name)
      if (body.name === 'broken') throw new AppError('TOY_BROKEN', 409, 'It is broken.')
      if (body.name === 'undeclared') throw new AppError('OTHER', 409, 'secret text')
      return { id: body.name }
    }),
    bind(destroy, async ({ params }) => void effects.push(`gone ${params.id}`)),
    bind(restart, async ({ params }) => void effects.push(`restarted ${params.id}`)),
    bind(follow, ({ ctx }) => feed(ctx)),
    bind(planned, async ({ body }) => ({ id: body.names.join() })),
    withOlder(
      bind(sweep, async ({ body }) => void effects.push(`swept ${body.digest}`)),
      async ({ body }) => {
        throw new AppError('TOY_BROKEN', 409, `planned ${(body as { type: string }).type}`)
      },
    ),
  ]
}

async function* twoTicks(): AsyncIterable<StreamEvent> {
  yield { event: 'tick', data: 'line\n\ndata: forged', id: '1' }
  await new Promise(() => undefined)
}
