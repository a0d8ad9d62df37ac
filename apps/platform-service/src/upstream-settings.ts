/** The OpenID Connect provider that people may sign in with. */
export type UpstreamSettings = {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly name: string
  /** Where the provider sends the browser back to: a page of Platform Admin. */
  readonly redirectUri: string
}
type Given = {
  readonly OIDC_ISSUER?: string | undefined
  readonly OIDC_CLIENT_ID?: string | undefined
  readonly OIDC_CLIENT_SECRET?: string | undefined
  readonly OIDC_NAME?: string | undefined
}

/**
 * The provider, null where none is set; what is wrong with it goes to `problems`. A secret alone sets none: a vault that others use may hold one under
 * this name.
 */
export function upstreamOf(given: Given, { adminWebUrl, problems }: { adminWebUrl: string; problems: string[] }): UpstreamSettings | null {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_NAME: name } = given
  if ([issuer, clientId, name].every((value) => value === undefined)) return null
  const missing = [
    ...(issuer === undefined ? ['OIDC_ISSUER'] : []),
    ...(clientId === undefined ? ['OIDC_CLIENT_ID'] : []),
    ...(clientSecret === undefined ? ['OIDC_CLIENT_SECRET or OIDC_CLIENT_SECRET_FILE'] : []),
  ]
  for (const one of missing) problems.push(`${one}: is missing, and a sign-in provider needs it. Set it, or none that begin with OIDC_.`)
  if (issuer !== undefined && !isTrustworthy(issuer))
    problems.push(
      `OIDC_ISSUER: ${issuer} must be an https address without query or fragment, as the provider’s own configuration names it.`,
    )
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null
  return { issuer, clientId, clientSecret, name: name ?? new URL(issuer).hostname, redirectUri: `${adminWebUrl}/upstream` }
}

/** Plain http is for a provider on this very machine, as in development. */
function isTrustworthy(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false
  const { protocol, hostname, search, hash, username } = new URL(issuer)
  if (search !== '' || hash !== '' || username !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
}
