/** What the gateway asks, in the one spelling that is served for each. */
export type GatewayAsk =
  | { readonly what: 'ping' }
  | { readonly what: 'version' }
  | { readonly what: 'list' }
  | { readonly what: 'inspect'; readonly id: string }
  | { readonly what: 'events' }

/** Traefik's own filter, byte for byte: `{"type":{"container":true}}`. */
const filter = '%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D'
const spelled: Readonly<Record<string, GatewayAsk>> = {
  '/_ping': { what: 'ping' },
  '/version': { what: 'version' },
  '/containers/json?all=1': { what: 'list' },
  [`/events?filters=${filter}`]: { what: 'events' },
}

/** @param target of the request line, as it came; @returns null for all that is not served */
export function gatewayAsk(target: string): GatewayAsk | null {
  const path = target.replace(/^\/v1\.[0-9]{2}(?=\/)/, '')
  const id = /^\/containers\/([a-f0-9]{64})\/json$/.exec(path)?.[1]
  if (id !== undefined) return { what: 'inspect', id }
  return Object.hasOwn(spelled, path) ? (spelled[path] ?? null) : null
}
