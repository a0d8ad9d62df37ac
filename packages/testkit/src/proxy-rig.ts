import { join } from 'node:path'
import { createHarness, type Harness, type RawCall, until } from './daemon-harness.ts'
import { type FakeContainer, idOf } from './fake-container.ts'
import { type Program, startProgram } from './program.ts'
import { type Exchange, exchange, type RawAnswer } from './raw-socket.ts'
import { type RecordingEngine, startRecordingEngine } from './recording-engine.ts'

export type JournalRow = {
  readonly seq: number
  readonly action: string
  readonly outcome: string
  readonly target: string
  readonly code?: string
  readonly count?: number
  readonly actor: { readonly kind: string; readonly id: string }
  readonly details?: Readonly<Record<string, unknown>>
}
/** docker-proxy as its own program, between bytes of a test and an engine that records. */
export type ProxyRig = {
  readonly kit: Harness
  readonly engine: RecordingEngine
  readonly program: Program
  readonly alpha: FakeContainer
  send(bytes: Exchange['bytes'], more?: Partial<Exchange>): Promise<RawAnswer>
  /** A call that reaches the engine when it is served: the measurement of `alpha`, with what is to differ. */
  call(differs?: RawCall & { readonly verb?: string; readonly args?: unknown }): string
  /** What reached the engine since `forget`, but for the model's own looks at the list and at single containers. */
  reached(): readonly string[]
  rows(): Promise<readonly JournalRow[]>
  /** How many refusals are on record, those that were only counted among them. */
  refusals(of?: (row: JournalRow) => boolean): Promise<number>
  /** Waits until exactly so many more refusals are on record than before. */
  refusedSince(before: number, more: number, of?: (row: JournalRow) => boolean): Promise<void>
  stop(): Promise<void>
}

const withinMs = 30_000
/** The one request to the engine that the call of a rig becomes. */
export const measured = ({ id }: FakeContainer): string => `GET /v1.41/containers/${id}/stats?stream=false&one-shot=true HTTP/1.1`

export async function startProxyRig(): Promise<ProxyRig> {
  const kit = createHarness('docker-proxy')
  const engine = await startRecordingEngine({ socketPath: join(kit.dataDir, 'engine.sock') })
  const alpha: FakeContainer = { id: idOf('a1'), name: 'alpha' }
  engine.add(alpha)
  const program = await startProgram('apps/docker-proxy/src/main.ts', { ...kit.env, DOCKER_SOCKET: engine.socketPath })
  const rows = async (): Promise<JournalRow[]> => {
    const all: JournalRow[] = []
    for (;;) {
      const { body } = await kit.ask('journal.read', { after: all.at(-1)?.seq ?? 0, limit: 1_000 }, 'service')
      const page = body.rows as unknown as JournalRow[]
      all.push(...page)
      if (page.length < 1_000) return all
    }
  }
  const refusals: ProxyRig['refusals'] = async (of = () => true) =>
    (await rows()).filter((row) => row.outcome === 'denied' && of(row)).reduce((sum, { count = 1 }) => sum + count, 0)
  await until(
    'the model is live and knows all of the container',
    async () =>
      (await kit.ask('containers.list', {}, 'service')).body.freshness === ('live' as never) &&
      engine.requests.some(({ line }) => line.includes(`/containers/${alpha.id}/json`)),
    withinMs,
  )
  engine.forget()
  return {
    kit,
    engine,
    program,
    alpha,
    send: (bytes, more) => exchange({ socketPath: kit.socketPath, bytes, quietMs: 8_000, timeoutMs: 20_000, ...more }),
    call: ({ verb = 'containers.stats', args = { container: alpha.name }, ...differs } = {}) =>
      kit.bytesOf(verb, args, { as: 'operator', ...differs, headers: { connection: 'close', ...differs.headers } }),
    reached: () =>
      engine.requests
        .map(({ line }) => line)
        .filter((line) => !/^GET \/v1\.41\/containers\/(json\?all=1|[a-f0-9]{64}\/json) HTTP\/1\.1$/.test(line)),
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
    async stop() {
      await program.stop()
      await engine.stop()
      kit.remove()
    },
  }
}
