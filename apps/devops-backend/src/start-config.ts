import { readWithVault } from '@console/tokens/vault-secrets'
import { fromFiles, readConfig as readWhole } from './config.ts'

/** The configuration with what Key Vault gives, and a way to hear of what is changed there later. @throws Error with one line a problem */
export const readConfig = (given: NodeJS.ProcessEnv) => readWithVault(given, fromFiles, readWhole)
