import { userInfo } from 'node:os'
import { join } from 'node:path'
import { openAuditLog } from '@console/audit-chain/log'
import { StoreError } from '@console/store/port'
import { readStoreCommand, runStoreCommand, storeUsage } from '@console/store/store-commands'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { withVaultSecrets } from '@console/tokens/vault-secrets'
import { declarations } from './collections.ts'
import { CommandRefused, carryOut, readCommand } from './command-line.ts'
import { fromFiles, readConfig } from './config.ts'
import { importLegacy, readLegacyCommand } from './import-legacy.ts'
import { migrations } from './migrations.ts'

const env = await withVaultSecrets(process.env, fromFiles)
const settings = (STORE?: string) => readConfig({ ...env, ...(STORE && { STORE }) }).store
const openLog = () => {
  const { folder, keysDir } = readConfig(env)
  const { privateKey: key } = loadOrCreateServiceKey({ dir: folder, keysDir, name: 'platform-service' })
  return openAuditLog({ dir: join(folder, 'audit'), name: 'platform-service', key })
}

const usage = `platform-cli admin:list
platform-cli admin:reset-link E-MAIL [--without-second-factor]
platform-cli import-legacy --database NAME [--out FOLDER]
${storeUsage('platform-cli')}

For whoever can no longer sign in and has access to the files. The service must be stopped. See docs/runbooks/locked-out.md.`

const inStore = readStoreCommand(process.argv.slice(2))
if (inStore !== null)
  process.exit(await runStoreCommand(inStore, { owner: 'pf', declarations: Object.values(declarations), migrations, settings, openLog }))
const legacy = readLegacyCommand(process.argv.slice(2))
const command = readCommand(process.argv.slice(2))
if (command === null && legacy === null) {
  console.error(usage)
  process.exit(2)
}
try {
  for (const line of legacy ? await importLegacy(legacy, settings('cosmos')) : await inFiles()) console.log(line)
} catch (error) {
  // A refusal is a sentence; a fault of ours is shown whole.
  console.error(error instanceof CommandRefused || error instanceof StoreError ? error.message : error)
  process.exit(1)
}

async function inFiles(): Promise<string[]> {
  const { username, uid } = userInfo()
  return command === null ? [] : carryOut(command, { config: readConfig(env), account: username, uid })
}
