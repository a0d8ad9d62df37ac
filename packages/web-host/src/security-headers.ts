/** The parts of a page's policy that are known when the page is indexed, and those that depend on who asks. */
export type PolicyParts = {
  readonly scriptHashes: readonly string[]
  readonly connectOrigins: readonly string[]
  readonly loopback: boolean
}

/** On a loopback host a dashboard talks to these whatever its settings say, so that it works through an SSH tunnel. */
export const loopbackApis: readonly string[] = ['http://localhost:4003', 'http://localhost:4004']

/** The policy of an HTML page: nothing but its own files, its own inline scripts by hash, and the APIs. */
export function pagePolicy({ scriptHashes, connectOrigins, loopback }: PolicyParts): string {
  const connect = [...new Set([...connectOrigins, ...(loopback ? loopbackApis : [])])]
  return [
    "default-src 'none'",
    ['script-src', "'self'", ...scriptHashes].join(' '),
    "style-src 'self'",
    ['connect-src', "'self'", ...connect].join(' '),
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ].join('; ')
}

/** The policy of everything else: opened by itself, it may do nothing. */
export const filePolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** The service worker stands between the browser and all pages, so it may ask this host alone, and load no further script. */
export const workerPolicy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** What every answer carries. HSTS is left out on loopback, where there is no TLS and other programs share the name. */
export function commonHeaders(loopback: boolean): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(loopback ? {} : { 'strict-transport-security': 'max-age=63072000' }),
  }
}
