import type { Ask } from '../../clients/daemon-client.ts'
import type { DockerProxy } from '../../clients/docker-proxy.ts'

const againMs = 2_000

/** Follows docker-proxy's model and tells which container changed; comes back by itself when docker-proxy was away. */
export function followContainers({
  docker,
  ask,
  changed,
}: {
  readonly docker: DockerProxy
  readonly ask: () => Ask
  readonly changed: (name: string) => void
}): { stop(): void } {
  const stopping = new AbortController()
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        for await (const event of await docker.events({ ...ask(), signal: stopping.signal })) changed('name' in event ? event.name : '*')
      } catch {
        // docker-proxy is away, or was: the pause below ends in another try.
      }
      if (stopping.signal.aborted) return
      changed('*')
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, againMs)
        const end = (): void => {
          clearTimeout(timer)
          resolve()
        }
        stopping.signal.addEventListener('abort', end, { once: true })
      })
    }
  }
  void loop()
  return { stop: () => stopping.abort() }
}
