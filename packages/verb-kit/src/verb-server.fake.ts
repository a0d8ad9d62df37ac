import { rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { NewRow, Row } from '@console/audit-chain/log'
import { createHarness, type Harness } from '@console/testkit/daemon-harness'
import { serviceKeysIn, tokenKeysIn } from '@console/tokens/key-files'
import { defineVerb } from '@console/verbs/verb'
import { createConnections } from './connections.ts'
import { remove, touch, watch } from './daemon.fake.ts'
import { createBurntGrants } from './grants.ts'
import { type Handled, handle, type VerbContext } from './handler.ts'
import { createLimiter, type DaemonLimits, defaultDaemonLimits } from './limits.ts'
import type { Refusal } from './refusals.ts'
import { createVerbServer } from './serve-verb.ts'
import { assertSocketFree, listenOnSocket } from './socket.ts'

/** One that reads, one that reads and is recorded, one with a secret argument, one that may use the reserve, one that destroys once, and one that fails while it is admitted. */
const look = defineVerb({ ...touch, id: 'things.look', risk: 'read', limits: [] })
const peek = defineVerb({ ...look, id: 'things.peek', recorded: true })
const hide = defineVerb({ ...touch, id: 'things.hide', args: { container: { is: 'ref' }, word: { is: 'ref' } }, secretArgs: ['word'] })
const stopAll = defineVerb({ ...touch, id: 'things.stop', limits: [] })
const erase = defineVerb({ ...remove, id: 'things.erase', limits: [{ per: 'host', max: 1, windowMs: 60_000 }] })
const fault = defineVerb({ ...touch, id: 'things.fault' })

/** A server of verbs on a socket, with all that it writes in memory; what its handlers do can be changed while it runs. */
export type VerbServerRig = {
  readonly kit: Harness
  readonly server: Server
  readonly rows: (NewRow & { readonly essential?: boolean })[]
  readonly refused: Refusal[]
  readonly logged: (readonly [level: string, what: string, more: object])[]
  readonly ran: { readonly what: string; readonly rows: number; readonly ctx: VerbContext }[]
  /** What the handlers do besides, which rows are not written, and what a stream gives. */
  act: (ctx: VerbContext) => Promise<void> | void
  full: (row: NewRow) => boolean
  lines: (ctx: VerbContext) => AsyncIterable<object>
  connections(): Promise<number>
  /** How many requests have been dealt with, in whatever way. */
  dealtWith(): number
  stop(): Promise<void>
}

export async function startVerbServer(limits: Partial<DaemonLimits> = {}): Promise<VerbServerRig> {
  const kit = createHarness('docker-proxy')
  const [rows, refused, logged, ran]: [VerbServerRig['rows'], Refusal[], VerbServerRig['logged'], VerbServerRig['ran']] = [[], [], [], []]
  const all = { ...defaultDaemonLimits, ...limits }
  const trust = {
    daemon: 'docker-proxy' as const,
    productId: kit.productId,
    tokenKeys: tokenKeysIn(kit.keysDir),
    serviceKeysOf: serviceKeysIn(kit.keysDir),
    now: Date.now,
  }
  const log = (level: string, msg: string, more: object = {}) => void logged.push([level, msg, more])
  const serve = createVerbServer({
    handled: new Map(
      handlersOf(
        (...did) => carryOut(...did),
        (ctx) => rig.lines(ctx),
      ).map((one) => [`/v1/${one.verb.id}`, one]),
    ),
    journal: {
      mask: () => 'masked',
      append: async (row: NewRow, { essential }: { essential?: boolean } = {}) => {
        if (rig.full(row)) throw new Error('no space')
        rows.push({ ...row, ...(essential && { essential }) })
        return { seq: rows.length } as Row
      },
    },
    limiter: createLimiter(all, () => performance.now()),
    refusals: { record: async (refusal: Refusal) => void refused.push(refusal) } as never,
    limits: all,
    trust,
    burnt: createBurntGrants(Date.now),
    mostBytes: 10_000,
    log,
  })
  const carryOut = async (what: string, ctx: VerbContext) => {
    ran.push({ what, rows: rows.length, ctx })
    await rig.act(ctx)
    return { ok: true }
  }
  let dealtWith = 0
  const counted: typeof serve = (...request) =>
    serve(...request).finally(() => {
      dealtWith += 1
    })
  const server = createConnections({ serve: counted, refused: () => undefined, log })
  await assertSocketFree(kit.socketPath)
  await listenOnSocket(server, kit.socketPath)
  const rig: VerbServerRig = {
    kit,
    server,
    rows,
    refused,
    logged,
    ran,
    act: () => undefined,
    full: () => false,
    lines: async function* () {
      yield { line: 1 }
    },
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    dealtWith: () => dealtWith,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(kit.dataDir, { recursive: true, force: true })
    },
  }
  return rig
}

function handlersOf(carryOut: (what: string, ctx: VerbContext) => Promise<object>, lines: VerbServerRig['lines']): Handled[] {
  const run = (what: string) => (_: unknown, ctx: VerbContext) => carryOut(what, ctx)
  return [
    handle(touch, run('touch')),
    handle(look, run('look')),
    handle(peek, run('peek')),
    handle(hide, run('hide')),
    handle(stopAll, run('stop'), { essential: true }),
    handle(fault, run('fault'), {
      objectsOf: () => {
        throw new Error('a bug')
      },
    }),
    handle(remove, run('remove'), { targetOf: () => 'the plan' }),
    handle(erase, run('erase')),
    handle(watch, ((_: object, ctx: VerbContext) => lines(ctx)) as never),
  ]
}
