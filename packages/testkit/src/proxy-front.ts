import { join } from 'node:path'
import { type Harness, type RawCall, until } from './daemon-harness.ts'
import { type Program, startProgram } from './program.ts'
import { type Exchange, exchange, type RawAnswer } from './raw-socket.ts'

type JournalRow = {
  readonly seq: number
  readonly action: string
  readonly outcome: string
  readonly target: string
  readonly code?: string
  readonly count?: number
  readonly actor: { readonly kind: string; readonly id: string }
  readonly details?: Readonly<Record<string, unknown>>
}
/** docker-proxy as its own program, as whoever sends bytes to it sees it, whatever engine is behind. */
export type ProxyFront = {
  readonly kit: Harness
  readonly program: Program
  /** The socket on which a gateway asks. */
  readonly gatewayPath: string
  send(bytes: Exchange['bytes'], more?: Partial<Exchange>): Promise<RawAnswer>
  /** A call that reaches the engine when it is served: the measurement of one container, with what is to differ. */
  call(differs?: RawCall & { readonly verb?: string; readonly args?: unknown }): string
  rows(): Promise<readonly JournalRow[]>
  /** How many refusals are on record, those that were only counted among them. */
  refusals(of?: (row: JournalRow) => boolean): Promise<number>
  /** Waits until exactly so many more refusals are on record than before. */
  refusedSince(before: number, more: number, of?: (row: JournalRow) => boolean): Promise<void>
}

const withinMs = 30_000

/** @param measured the container that the plain call measures */
export async function startProxyFront(
  kit: Harness,
  { engine, measured, before = [] }: { readonly engine: string; readonly measured: string; readonly before?: readonly string[] },
): Promise<ProxyFront> {
  const gatewayPath = join(kit.dataDir, 'run/gateway.sock')
  const env = { ...kit.env, DOCKER_SOCKET: engine, GATEWAY_SOCKET: gatewayPath }
  const program = await startProgram('apps/docker-proxy/src/main.ts', env, before)
  const rows = async (): Promise<JournalRow[]> => {
    const all: JournalRow[] = []
    for (;;) {
      const { body } = await kit.ask('journal.read', { after: all.at(-1)?.seq ?? 0, limit: 1_000 }, 'service')
      const page = body.rows as unknown as JournalRow[]
      all.push(...page)
      if (page.length < 1_000) return all
    }
  }
  const refusals: ProxyFront['refusals'] = async (of = () => true) =>
    (await rows()).filter((row) => row.outcome === 'denied' && of(row)).reduce((sum, { count = 1 }) => sum + count, 0)
  await until(
    'the model is live',
    async () => (await kit.ask('containers.list', {}, 'service')).body.freshness === ('live' as never),
    withinMs,
  )
  return {
    kit,
    program,
    gatewayPath,
    send: (bytes, more) => exchange({ socketPath: kit.socketPath, bytes, quietMs: 8_000, timeoutMs: 20_000, ...more }),
    call: ({ verb = 'containers.stats', args = { container: measured }, ...differs } = {}) =>
      kit.bytesOf(verb, args, { as: 'operator', ...differs, headers: { connection: 'close', ...differs.headers } }),
    rows,
    refusals,
    async refusedSince(before, more, of) {
      let seen = -1
      await until(
        `${more} more refusals are on record`,
        async () => {
          seen = (await refusals(of)) - before
          return seen >= more
        },
        withinMs,
      ).catch((error: Error) => {
        throw new Error(`${error.message}; there were ${seen}`)
      })
      if (seen !== more) throw new Error(`${seen} refusals are on record where ${more} were made`)
    },
  }
}
