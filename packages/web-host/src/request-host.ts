/** Which host a request is for: `undefined` is none of ours (DNS rebinding, a stray name), to be answered 421. */
export type RequestHost = { readonly loopback: boolean } | undefined

/**
 * Judges the Host header by name; the port may be any, because a tunnel or a port mapping changes it.
 * @param allowed host names in lower case, without port
 */
export function judgeHost(header: string | undefined, allowed: ReadonlySet<string>): RequestHost {
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase()
  if (name === undefined) return undefined
  if (loopbackNames.has(name)) return { loopback: true }
  return allowed.has(name) ? { loopback: false } : undefined
}

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
