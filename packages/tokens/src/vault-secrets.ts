import { azureIdentityOf } from './azure-identity.ts'
import { AzureError } from './azure-requests.ts'
import { nameInVault, openVault, type Vault } from './key-vault.ts'
import { withSecretFiles } from './secret-files.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The environment with each named secret that it leaves open taken from the vault of `AZURE_KEY_VAULT_URL`, where one is named; a value or a file that is
 * set comes first. A vault that is away at the start is a refusal to start, since nobody knows what it would have said.
 * @throws Error that says what is wrong, for whoever starts the program
 */
export async function withVaultSecrets(
  env: Env,
  names: readonly string[],
  options: { readonly vault?: Vault | null } = {},
): Promise<Record<string, string | undefined>> {
  const vault = options.vault === undefined ? vaultOf(env) : options.vault
  if (vault === null) return { ...env }
  const read = await readAll(vault, openIn(env, names))
  // Their files are empty, or they would not have been looked up.
  const files = Object.fromEntries(Object.keys(read).map((name) => [`${name}_FILE`, undefined]))
  return { ...env, ...read, ...files }
}

/**
 * What a program makes of its environment, with what Key Vault gives where one is named, and a way to hear of what is changed there later.
 * @throws Error with one line a problem
 */
export async function readWithVault<Config>(
  given: Env,
  names: readonly string[],
  read: (env: Record<string, string | undefined>) => Config,
): Promise<{ config: Config; watch: (told: Pick<WatchOptions, 'changed' | 'warn'>) => void }> {
  const vault = vaultOf(given)
  const env = await withVaultSecrets(given, names, { vault })
  return {
    config: read(env),
    watch(told) {
      if (vault !== null) watchVault({ vault, names: openIn(given, names), known: env, ...told })
    },
  }
}

/** @returns null where no vault is named @throws Error for one that cannot be used */
export function vaultOf(env: Env): Vault | null {
  const url = env.AZURE_KEY_VAULT_URL ?? ''
  if (url === '') return null
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:' || new URL(url).pathname !== '/')
    throw new Error(`AZURE_KEY_VAULT_URL: "${url}" must be https://NAME.vault.azure.net, because secrets come from there.`)
  return openVault({ url, ...azureIdentityOf(env) })
}

export type VaultWatch = { look(): Promise<void>; stop(): void }
type WatchOptions = {
  readonly vault: Vault
  readonly names: readonly string[]
  readonly known: Env
  /** Called with what has another value than before. */
  readonly changed: (names: readonly string[], env: Record<string, string | undefined>) => void
  readonly warn: (message: string) => void
  readonly everyMs?: number
}

/** Looks every 15 minutes whether a secret was changed there. When the vault does not answer, or refuses, what is known goes on being used. */
export function watchVault({ vault, names, known, changed, warn, everyMs = 900_000 }: WatchOptions): VaultWatch {
  let current: Record<string, string | undefined> = { ...known }
  let quiet = false
  const look = async (): Promise<void> => {
    try {
      const read = await readAll(vault, names)
      const others = names.filter((name) => read[name] !== undefined && read[name] !== current[name])
      quiet = false
      if (others.length === 0) return
      current = { ...current, ...read }
      changed(others, current)
    } catch (error) {
      if (!quiet) warn(`secrets could not be looked up, so the known ones go on being used: ${(error as Error).message}`)
      quiet = true
    }
  }
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return { look, stop: () => clearInterval(timer) }
}

/** Which of the named secrets neither the environment nor a file of it gives. An empty file gives nothing; one that cannot be read is refused later. */
export function openIn(env: Env, names: readonly string[]): string[] {
  return names.filter((name) => {
    const problems: string[] = []
    return (withSecretFiles(env, [name], problems)[name] ?? '') === '' && problems.length === 0
  })
}

async function readAll(vault: Vault, names: readonly string[]): Promise<Record<string, string>> {
  const read: Record<string, string> = {}
  for (const name of names) {
    const value = await vault.get(name).catch((error: unknown) => {
      if (!(error instanceof AzureError)) throw error
      throw new Error(`${name} cannot be read from Key Vault as ${nameInVault(name)}: ${error.message}`, { cause: error })
    })
    if (value !== null && value !== '') read[name] = value
  }
  return read
}
