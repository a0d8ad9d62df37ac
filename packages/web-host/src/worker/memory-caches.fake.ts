/// <reference lib="dom" />

/** `caches` as a worker sees it, in memory: names in the order in which they were made. */
export function memoryCaches(): CacheStorage {
  const all = new Map<string, Cache>()
  const storage: Pick<CacheStorage, 'has' | 'open' | 'delete' | 'keys'> = {
    has: async (name) => all.has(name),
    open: async (name) => {
      const cache = all.get(name) ?? memoryCache()
      all.set(name, cache)
      return cache
    },
    delete: async (name) => all.delete(name),
    keys: async () => [...all.keys()],
  }
  return storage as CacheStorage
}

function memoryCache(): Cache {
  const kept = new Map<string, Response>()
  const cache: Pick<Cache, 'match' | 'put'> = {
    match: async (path) => kept.get(String(path))?.clone(),
    put: async (path, reply) => {
      if (reply.bodyUsed) throw new TypeError('the body was read already')
      kept.set(String(path), reply)
    },
  }
  return cache as Cache
}
