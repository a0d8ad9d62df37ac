import { join } from 'node:path'
import { createHarness, until } from './daemon-harness.ts'
import { type FakeContainer, idOf } from './fake-container.ts'
import { type ProxyFront, startProxyFront } from './proxy-front.ts'
import { type RecordingEngine, startRecordingEngine } from './recording-engine.ts'

/** docker-proxy as its own program, between bytes of a test and an engine that records. */
export type ProxyRig = ProxyFront & {
  readonly engine: RecordingEngine
  readonly alpha: FakeContainer
  /** What reached the engine since `forget`, but for the model's own looks at the list and at single containers. */
  reached(): readonly string[]
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
  const front = await startProxyFront(kit, { engine: engine.socketPath, measured: alpha.name })
  await until(
    'the model knows all of the container',
    () => engine.requests.some(({ line }) => line.includes(`/containers/${alpha.id}/json`)),
    withinMs,
  )
  engine.forget()
  return {
    ...front,
    engine,
    alpha,
    reached: () =>
      engine.requests
        .map(({ line }) => line)
        .filter((line) => !/^GET \/v1\.41\/containers\/(json\?all=1|[a-f0-9]{64}\/json) HTTP\/1\.1$/.test(line)),
    async stop() {
      await front.program.stop()
      await engine.stop()
      kit.remove()
    },
  }
}
