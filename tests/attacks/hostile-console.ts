import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FakeContainer, frame, idOf } from '@console/testkit/fake-container'
import { type RecordingEngine, startRecordingEngine } from '@console/testkit/recording-engine'
import { type RunningConsole, startConsole } from '@console/testkit/start-console'

/** The time that the engine puts before each line. */
const stamp = '2026-01-01T00:00:00.000000000Z '
const frameOf = (bytes: Uint8Array): Buffer => frame(Buffer.from(bytes))

/** Exact bytes of a log: each text a line, behind the engine's stamp. */
export function logLines(...lines: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(stamp), Buffer.from(line as string), Buffer.from('\n')]))
}

/** Text as bytes where each character is one: for the 8-bit forms of control characters. */
export const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')

export type HostileConsole = {
  readonly running: RunningConsole
  readonly engine: RecordingEngine
  /** A container whose log is exactly these pieces, each a frame of its own. @returns its name */
  container(name: string, pieces: readonly Uint8Array[], more?: Partial<FakeContainer>): string
  stop(): Promise<void>
}

/** The whole console in front of an engine of the test's own, which says whatever an attacker would have it say. */
export async function startHostileConsole(): Promise<HostileConsole> {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  const engine = await startRecordingEngine({ socketPath: join(folder, 'engine.sock') })
  const logs = new Map<string, readonly Uint8Array[]>()
  let made = 0
  engine.script((line) => {
    const id = /^GET \/v1\.[0-9]+\/containers\/([a-f0-9]{64})\/logs\?/.exec(line)?.[1]
    const pieces = id === undefined ? undefined : logs.get(id)
    if (!pieces) return undefined
    return {
      respond(response) {
        response.writeHead(200).flushHeaders()
        for (const piece of pieces) response.write(frameOf(piece))
        if (!line.includes('follow=1')) response.end()
      },
    }
  })
  const running = await startConsole({ DOCKER_SOCKET: engine.socketPath })
  return {
    running,
    engine,
    container(name, pieces, more = {}) {
      made += 1
      const id = idOf(made.toString(16).padStart(4, '0'))
      logs.set(id, pieces)
      engine.add({ id, name, ...more })
      return name
    },
    async stop() {
      await running.stop()
      await engine.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
