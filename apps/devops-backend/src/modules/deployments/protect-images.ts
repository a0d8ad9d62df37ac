export type ProtectDeps = {
  /** The images that a service’s containers run now. */
  readonly imagesOf: (serviceId: string) => Promise<readonly string[]>
  readonly protect: (serviceId: string, images: string[]) => Promise<void>
  readonly log: (message: string, error: unknown) => void
  readonly retryMs?: number
  readonly tries?: number
}
/** Sees to it that what a service runs after a good deploy is not cleaned up. */
export type ImageKeeper = { deployed(serviceId: string): void; stop(): Promise<void> }

const mostImages = 20

/** Asks again for a while, since docker-proxy or the engine may be away just then; what a service runs later is that of a later deploy. */
export function startImageKeeper({ imagesOf, protect, log, retryMs = 15_000, tries = 20 }: ProtectDeps): ImageKeeper {
  const waiting = new Map<string, NodeJS.Timeout>()
  const underWay = new Set<Promise<void>>()
  let stopped = false
  const attempt = async (serviceId: string, left: number): Promise<void> => {
    try {
      const images = [...new Set(await imagesOf(serviceId))].slice(0, mostImages)
      if (images.length > 0) await protect(serviceId, images)
    } catch (error) {
      if (stopped) return
      if (left <= 1) return log(`the images of ${serviceId} could not be protected from cleanups`, error)
      waiting.set(
        serviceId,
        setTimeout(() => begin(serviceId, left - 1), retryMs),
      )
    }
  }
  const begin = (serviceId: string, left: number): void => {
    waiting.delete(serviceId)
    const running = attempt(serviceId, left).finally(() => underWay.delete(running))
    underWay.add(running)
  }
  return {
    deployed(serviceId) {
      clearTimeout(waiting.get(serviceId))
      begin(serviceId, tries)
    },
    async stop() {
      stopped = true
      for (const timer of waiting.values()) clearTimeout(timer)
      await Promise.all(underWay)
    },
  }
}
