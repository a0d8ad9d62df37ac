import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import { imageId } from './disk-objects.ts'

/** The images of the last two good deploys of each service, remembered here and on disk: no other part can take one back. */
export type ProtectedImages = {
  /** Each protected image with the services that it is protected for. */
  all(): ReadonlyMap<string, readonly string[]>
  /** A good deploy of a service with these images. The oldest set falls out, and only for one that differs. @throws the system's error when it cannot be kept */
  protect(serviceId: string, images: readonly string[]): void
}
type Sets = Record<string, string[][]>

const setsPerService = 2

export function openProtectedImages(dir: string): ProtectedImages {
  const file = join(dir, 'protected-images.json')
  let sets = readSets(file)
  return {
    all() {
      const services = new Map<string, string[]>()
      for (const [serviceId, kept] of Object.entries(sets))
        for (const image of new Set(kept.flat())) services.set(image, [...(services.get(image) ?? []), serviceId])
      return services
    },
    protect(serviceId, images) {
      const newest = [...new Set(images)].sort()
      const others = (sets[serviceId] ?? []).filter((set) => set.join(' ') !== newest.join(' '))
      const next = { ...sets, [serviceId]: [newest, ...others].slice(0, setsPerService) }
      writeDurably(file, JSON.stringify(next), 0o600)
      sets = next
    },
  }
}

/** @throws Error for a file that is there and is not understood: to go on without it would give every image up */
function readSets(file: string): Sets {
  let written: string
  try {
    written = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Object.create(null) as Sets
    throw error
  }
  const broken = new Error(`${file} is not what docker-proxy wrote. It says which images no cleanup removes: put it right, or remove it.`)
  try {
    const value = JSON.parse(written) as unknown
    const fits =
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every(
        (kept) => Array.isArray(kept) && kept.every((set) => Array.isArray(set) && set.every((image) => imageId.test(String(image)))),
      )
    if (!fits) throw broken
    return Object.assign(Object.create(null), value) as Sets
  } catch {
    throw broken
  }
}
