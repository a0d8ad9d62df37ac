import { attackCase } from '@console/testkit/attack'
import { type AlteredRig, type EngineRig, realEngines, startAlteredRig, startEngineRig } from '@console/testkit/engine-rig'
import { describeNeeding } from '@console/testkit/needs'
import { type OwnEngine, ownEngines, startOwnEngine } from '@console/testkit/own-engine'
import { afterAll, beforeAll, beforeEach } from 'vitest'

/** What the cases of one real engine have in common. */
export type AtEngine<Rig extends EngineRig = EngineRig> = {
  /** The engine, as a part of a sentence. */
  readonly what: string
  /** There from the first `beforeAll` on. */
  readonly rig: Rig
  /** A case whose title names the engine, and which counts as tried on it. */
  attackCase(id: string, title: string, body: Parameters<typeof attackCase>[2], timeoutMs?: number): void
  /** Restarts a container as an operator, at once when nothing else is said. */
  restart(container: unknown, more?: object): ReturnType<EngineRig['kit']['ask']>
  /** The lines of a container's log. */
  logOf(container: string, more?: object): Promise<Record<string, unknown>[]>
  /** What the journal says came of the changes that were asked for this target, in order. */
  outcomes(target: string): Promise<string[]>
  /** The changes that the engine was asked for. */
  acted(): ReturnType<EngineRig['reached']>
  /** That no more was refused than before. */
  nothingRefused(before: number): Promise<void>
}

/** A suite at each real engine that this machine has, each with one docker-proxy for all its cases and another person for each. */
export const atRealEngines = (name: string, body: (at: AtEngine) => void): void => {
  for (const { part, what, socket } of realEngines)
    describeNeeding(part, `${name} and ${what}`, () => body(suiteAt(what, () => startEngineRig(socket))))
}

/** The same, each behind a socket that alters what a case says and passes on all else. */
export const atAlteredEngines = (name: string, body: (at: AtEngine<AlteredRig>) => void): void => {
  for (const { part, what, socket } of realEngines)
    describeNeeding(part, `${name} and ${what}, altered`, () => body(suiteAt(what, () => startAlteredRig(socket))))
}

/** The same at an engine of the test's own, which holds nothing but what the cases make. */
export const atOwnEngines = (name: string, body: (at: AtEngine<AlteredRig & { readonly own: OwnEngine }>) => void): void => {
  for (const { part, what, command } of ownEngines)
    describeNeeding(part, `${name} and ${what}, altered`, () => body(suiteAt(what, () => startOwnRig(command))))
}

async function startOwnRig(command: readonly string[]): Promise<AlteredRig & { readonly own: OwnEngine }> {
  const own = await startOwnEngine(command)
  try {
    const rig = await startAlteredRig(own.socket)
    return {
      ...rig,
      own,
      async stop() {
        await rig.stop()
        const left = own.docker('ps', '-aq').split('\n').filter(Boolean)
        if (left.length > 0) own.docker('rm', '-f', ...left)
        await own.stop()
      },
    }
  } catch (error) {
    await own.stop()
    throw error
  }
}

const caseMs = 120_000

function suiteAt<Rig extends EngineRig>(what: string, start: () => Promise<Rig>): AtEngine<Rig> {
  let started: Rig | undefined
  beforeAll(async () => {
    started = await start()
  }, caseMs)
  afterAll(() => started?.stop(), 60_000)
  const rig = new Proxy({} as Rig, { get: (_, name) => started?.[name as keyof Rig] })
  beforeEach(() => rig.kit.nextPerson())
  return {
    what,
    rig,
    attackCase: (id, title, run, timeoutMs = caseMs) => attackCase(id, `${title}, at ${what}`, run, timeoutMs, () => rig.api),
    restart: (container, more = { waitSec: 0 }) => rig.kit.ask('containers.restart', { container, ...more }, 'operator'),
    logOf: (container, more = {}) => rig.kit.read('containers.logs', { container, ...more }, () => false, 'operator'),
    outcomes: async (target) => (await rig.rows()).filter((row) => row.target === target).map(({ outcome }) => outcome),
    acted: () => rig.reached().filter(({ line }) => line.startsWith('POST')),
    async nothingRefused(before) {
      const now = await rig.refusals()
      if (now !== before) throw new Error(`${now - before} were refused`)
    },
  }
}
