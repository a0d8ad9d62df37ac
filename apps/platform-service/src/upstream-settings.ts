import { readFileSync } from 'node:fs'

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
  readonly OIDC_CLIENT_SECRET_FILE?: string | undefined
  readonly OIDC_NAME?: string | undefined
}

/** The provider, null where none is set; what is wrong with it goes to `problems`. */
export function upstreamOf(given: Given, { adminWebUrl, problems }: { adminWebUrl: string; problems: string[] }): UpstreamSettings | null {
  const {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: inline,
    OIDC_CLIENT_SECRET_FILE: file,
    OIDC_NAME: name,
  } = given
  if ([issuer, clientId, inline, file, name].every((value) => value === undefined)) return null
  if (inline !== undefined && file !== undefined) problems.push('OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE: set one of the two.')
  const clientSecret = inline ?? (file === undefined ? undefined : secretIn(file, problems))
  const missing = [
    ...(issuer === undefined ? ['OIDC_ISSUER'] : []),
    ...(clientId === undefined ? ['OIDC_CLIENT_ID'] : []),
    ...(clientSecret === undefined && file === undefined ? ['OIDC_CLIENT_SECRET or OIDC_CLIENT_SECRET_FILE'] : []),
  ]
  for (const one of missing) problems.push(`${one}: is missing, and a sign-in provider needs it. Set it, or none that begin with OIDC_.`)
  if (issuer !== undefined && !isTrustworthy(issuer))
    problems.push(
      `OIDC_ISSUER: ${issuer} must be an https address without query or fragment, as the provider’s own configuration names it.`,
    )
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null
  return { issuer, clientId, clientSecret, name: name ?? new URL(issuer).hostname, redirectUri: `${adminWebUrl}/upstream` }
}

/** Without a line’s end, which editors add. */
function secretIn(file: string, problems: string[]): string | undefined {
  try {
    const secret = readFileSync(file, 'utf8').trim()
    if (secret !== '') return secret
    problems.push(`OIDC_CLIENT_SECRET_FILE: ${file} is empty.`)
  } catch (error) {
    problems.push(`OIDC_CLIENT_SECRET_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
  return undefined
}

/** Plain http is for a provider on this very machine, as in development. */
function isTrustworthy(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false
  const { protocol, hostname, search, hash, username } = new URL(issuer)
  if (search !== '' || hash !== '' || username !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
}
