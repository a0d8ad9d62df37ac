import { cookieNames } from '@console/http-kit/credentials'

/** Values that a browser is to hold after a sign-in or a renewal. */
export type CookieValues = {
  readonly session?: string
  readonly tie?: string
  readonly references: readonly { readonly apiPath: string; readonly value: string }[]
}
export type CookieJar = {
  readonly names: ReturnType<typeof cookieNames>
  /** `Set-Cookie` values. `maxAgeSec` is what is left until the session's absolute end. */
  set(values: CookieValues, maxAgeSec: number): string[]
  /** What binds a sign-in at a provider to this browser; null takes it back. */
  upstream(value: string | null, maxAgeSec: number): string
  /** Takes back all that this browser holds, references at the given paths included. */
  clear(apiPaths: readonly string[]): string[]
}

/** The path of this API: the browser sends the session nowhere else. */
export const platformPath = '/platform/api'

/** Host-only, HttpOnly, SameSite=Strict; Secure and prefixed unless every origin is localhost in a browser that refuses that. */
export function createCookieJar(secure: boolean): CookieJar {
  const names = cookieNames(secure)
  const flags = `HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
  const one = (name: string, value: string, path: string, maxAgeSec: number) =>
    `${name}=${value}; Path=${path}; Max-Age=${maxAgeSec}; ${flags}`
  return {
    names,
    set: ({ session, tie, references }, maxAgeSec) => [
      ...(session === undefined ? [] : [one(names.session, session, platformPath, maxAgeSec)]),
      ...(tie === undefined ? [] : [one(names.tie, tie, '/', maxAgeSec)]),
      ...references.map(({ apiPath, value }) => one(names.reference, value, apiPath, maxAgeSec)),
    ],
    // Lax, as the browser comes back from another site; it is worth nothing without what comes back with it.
    upstream: (value, maxAgeSec) =>
      one(names.upstream, value ?? '', '/', value === null ? 0 : maxAgeSec).replace('SameSite=Strict', 'SameSite=Lax'),
    clear: (apiPaths) => [
      one(names.session, '', platformPath, 0),
      one(names.tie, '', '/', 0),
      ...apiPaths.map((path) => one(names.reference, '', path, 0)),
    ],
  }
}
