import { openIn, vaultOf, watchVault, withVaultSecrets } from '@console/tokens/vault-secrets'
import { fromFiles, readConfig as readWhole } from './config.ts'

type Told = Pick<Parameters<typeof watchVault>[0], 'changed' | 'warn'>

/** The configuration with what Key Vault gives, where one is named, and a way to hear of what is changed there later. @throws Error with one line a problem */
export async function readConfig(given: NodeJS.ProcessEnv) {
  const vault = vaultOf(given)
  const env = await withVaultSecrets(given, fromFiles, { vault })
  const watch = (told: Told): void => {
    if (vault !== null) watchVault({ vault, names: openIn(given, fromFiles), known: env, ...told })
  }
  return { config: readWhole(env), watch }
}
