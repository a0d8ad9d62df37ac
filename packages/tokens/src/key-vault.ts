import { type AzureIdentity, type AzureToken, freshToken } from './azure-identity.ts'
import { patiently, refusal } from './azure-requests.ts'

/** Where secrets are read from Azure Key Vault: the vault, and as whom. */
export type VaultSettings = AzureIdentity & { readonly url: string }
export type Vault = {
  /** @returns null where the vault has no such secret @throws AzureError */
  get(name: string): Promise<string | null>
}
const resource = 'https://vault.azure.net'
/** https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret */
const apiVersion = '7.4'

/** Three documented requests over HTTPS; a token is kept until shortly before it ends. Redirects are not followed: the token goes to the vault alone. */
export function openVault(settings: VaultSettings, { now = Date.now, pauseMs = 500 } = {}): Vault {
  let token: AzureToken | undefined
  const bearer = async (): Promise<string> => {
    if (token === undefined || now() >= token.untilMs) token = await freshToken(settings, resource, { now, pauseMs })
    return token.text
  }
  return {
    async get(name) {
      const address = `${settings.url.replace(/\/+$/, '')}/secrets/${nameInVault(name)}?api-version=${apiVersion}`
      const ask = async () => patiently({ address, headers: { authorization: `Bearer ${await bearer()}` }, ca: settings.ca }, pauseMs)
      let answer = await ask()
      if (answer.status === 401) {
        // The token was withdrawn before its time.
        token = undefined
        answer = await ask()
      }
      if (answer.status === 404 && answer.json.error?.code === 'SecretNotFound') return null
      if (answer.status !== 200 || typeof answer.json.value !== 'string') throw refusal(`the vault, for ${nameInVault(name)},`, answer)
      return answer.json.value
    },
  }
}

/** A vault takes letters, digits and dashes: https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates */
export const nameInVault = (variable: string): string => variable.replaceAll('_', '-')
