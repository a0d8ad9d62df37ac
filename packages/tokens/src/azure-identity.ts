import { type Asked, patiently, refusal } from './azure-requests.ts'
import { withSecretFiles } from './secret-files.ts'

/** As whom a service of Azure is asked. Without tenant, client and secret it is the identity of the machine or container. */
export type AzureIdentity = {
  readonly tenantId?: string | undefined
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /** Of a managed identity where the platform names one (App Service, Container Apps); the address of virtual machines otherwise. */
  readonly identityEndpoint?: string | undefined
  readonly identityHeader?: string | undefined
  /** Another address than Microsoft's that hands out tokens to clients. */
  readonly authority?: string | undefined
  /** A certificate authority beside those that Node knows. */
  readonly ca?: string | undefined
}
export type AzureToken = { readonly text: string; readonly untilMs: number }
export type Timing = { readonly now: () => number; readonly pauseMs: number }
type Env = Readonly<Record<string, string | undefined>>

/** @throws Error with what is wrong, for whoever starts the program */
export function azureIdentityOf(given: Env): AzureIdentity {
  const problems: string[] = []
  const env = withSecretFiles(given, ['AZURE_CLIENT_SECRET'], problems)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const authority = env.AZURE_AUTHORITY_HOST?.replace(/\/+$/, '') || undefined
  if (env.AZURE_CLIENT_SECRET && !(env.AZURE_TENANT_ID && env.AZURE_CLIENT_ID))
    throw new Error('AZURE_CLIENT_SECRET needs AZURE_TENANT_ID and AZURE_CLIENT_ID.')
  if (authority !== undefined && !authority.startsWith('https://'))
    throw new Error('AZURE_AUTHORITY_HOST must be https, because the secret of the client goes there.')
  return {
    tenantId: env.AZURE_TENANT_ID,
    clientId: env.AZURE_CLIENT_ID,
    clientSecret: env.AZURE_CLIENT_SECRET,
    authority,
    identityEndpoint: env.IDENTITY_ENDPOINT,
    identityHeader: env.IDENTITY_HEADER,
  }
}

/**
 * A token for one resource, such as `https://vault.azure.net`; `untilMs` is two minutes before it ends.
 * @throws AzureError
 */
export async function freshToken(identity: AzureIdentity, resource: string, { now, pauseMs }: Timing): Promise<AzureToken> {
  const asked = tokenRequest(identity, resource)
  const answer = await patiently({ ...asked, ca: identity.ca }, pauseMs)
  const { access_token: text, expires_in: seconds } = answer.json
  if (answer.status !== 200 || typeof text !== 'string') throw refusal(`what hands out tokens (${new URL(asked.address).host})`, answer)
  return { text, untilMs: now() + (Number(seconds) || 300) * 1_000 - 120_000 }
}

function tokenRequest({ tenantId, clientId, clientSecret, ...rest }: AzureIdentity, resource: string): Asked {
  // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
  if (tenantId && clientId && clientSecret)
    return {
      address: `${rest.authority ?? 'https://login.microsoftonline.com'}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
      form: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: `${resource}/.default`,
      }),
    }
  const whose = clientId ? `&client_id=${encodeURIComponent(clientId)}` : ''
  // https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
  if (rest.identityEndpoint)
    return {
      address: `${rest.identityEndpoint}?api-version=2019-08-01&resource=${encodeURIComponent(resource)}${whose}`,
      headers: { 'x-identity-header': rest.identityHeader ?? '' },
    }
  // https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
  return {
    address: `http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(resource)}${whose}`,
    headers: { metadata: 'true' },
  }
}
