import { join } from 'node:path'
import { type AlteringEngine, startAlteringEngine } from './altering-engine.ts'
import { createHarness, until } from './daemon-harness.ts'
import { containersAt, type EngineContainers } from './engine-containers.ts'
import { dockerSocket, engineNextSocket, needs, type Part } from './machine.ts'
import { type ProxyFront, startProxyFront } from './proxy-front.ts'
import { type Relay, startRelay } from './relay.ts'
import { sealedBefore } from './sealed.ts'

/** The real engines that a machine may have: the oldest API that is spoken, and the newest. */
export const realEngines: readonly { readonly part: Part; readonly what: string; readonly socket: string }[] = [
  { part: 'docker', what: 'the engine of this machine', socket: dockerSocket },
  { part: 'engineNext', what: 'the newest engine', socket: engineNextSocket },
]

/** docker-proxy in front of a real engine, by a relay that keeps every byte which it sends there. */
export type EngineRig = ProxyFront &
  Pick<EngineContainers, 'image' | 'name' | 'docker'> & {
    readonly relay: Relay
    /** The API that is spoken with it, such as `1.41`. */
    readonly api: string
    /** The full ids of all containers that it started, those among them that are gone. */
    readonly ids: Set<string>
    /** Starts a container without a network, and waits until docker-proxy knows it. @returns its full id */
    run(what: string, options: readonly string[], ...command: string[]): Promise<string>
    /** What was sent to the engine so far: each request as its head. */
    reached(): { line: string; headers: string[]; body: string }[]
    stop(): Promise<void>
  }

const withinMs = 30_000

/** The same with an engine whose answers a test may alter, and docker-proxy as nobody where this machine can do that. */
export type AlteredRig = EngineRig & { readonly engine: AlteringEngine }

export async function startAlteredRig(socket: string): Promise<AlteredRig> {
  const engine = await startAlteringEngine(socket)
  const rig = await startEngineRig(socket, { through: engine.path, asNobody: needs.sealed })
  return {
    ...rig,
    engine,
    async stop() {
      await rig.stop()
      await engine.stop()
    },
  }
}

/** @param options.through the socket by which docker-proxy reaches the engine */
export async function startEngineRig(socket: string, { through = socket, asNobody = false } = {}): Promise<EngineRig> {
  const kit = createHarness('docker-proxy')
  const relay = startRelay(join(kit.dataDir, 'relay.sock'), through)
  const containers = containersAt(socket)
  const { image, name, docker } = containers
  const before = asNobody ? sealedBefore(kit.dataDir, { noNetwork: false }) : []
  const front = await startProxyFront(kit, { engine: relay.path, measured: name('plain'), before })
  const { engine } = (await kit.ask('containers.list', {}, 'service')).body as unknown as { engine: { apiVersion: string } }
  const ids = new Set<string>()
  const run: EngineRig['run'] = async (what, options, ...command) => {
    const id = containers.run(what, options, ...command)
    ids.add(id)
    await until('it is known', async () => (await kit.ask('containers.inspect', { container: id }, 'service')).status === 200, withinMs)
    return id
  }
  await run('plain', [], 'sleep', '600')
  return {
    ...front,
    relay,
    image,
    ids,
    api: engine.apiVersion,
    name,
    docker,
    run,
    reached: () => relay.sent().flatMap(requestsIn),
    async stop() {
      await front.program.stop()
      relay.cut()
      containers.remove()
      kit.remove()
    },
  }
}

/** The requests of one connection; what stands behind the last whole head is the body of that one. */
function requestsIn(text: string): { line: string; headers: string[]; body: string }[] {
  const heads = text.split('\r\n\r\n')
  const body = heads.pop() ?? ''
  return heads.map((head, at) => {
    const [line = '', ...headers] = head.split('\r\n')
    return { line, headers, body: at === heads.length - 1 ? body : '' }
  })
}
