import { z } from 'zod'

/** The settings by which a service finds its secrets in Key Vault. @param example how a secret of its own is called there */
export function vaultSettings(example: string) {
  return {
    AZURE_KEY_VAULT_URL: z
      .string()
      .optional()
      .describe(
        `Key Vault from which secrets come that are not set here, \`https://NAME.vault.azure.net\`; \`_\` of a name is \`-\` there: \`${example}\`.`,
      ),
    AZURE_TENANT_ID: z
      .string()
      .optional()
      .describe(
        'With the next two: whom the vault, and Cosmos DB under `COSMOS_AUTH=entra`, are asked as. Without: the identity of the machine or container.',
      ),
    AZURE_CLIENT_ID: z.string().optional().describe('The client, or which identity where there are several.'),
    AZURE_CLIENT_SECRET: z.string().optional().describe('Secret of the client.'),
    AZURE_CLIENT_SECRET_FILE: z.string().optional().describe('A file with that secret, in place of it.'),
    AZURE_AUTHORITY_HOST: z.string().optional().describe('Who hands out tokens; `https://login.microsoftonline.com` where it is not set.'),
  }
}
