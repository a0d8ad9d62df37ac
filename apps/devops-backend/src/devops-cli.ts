import { join } from 'node:path'
import { openAuditLog } from '@console/audit-chain/log'
import { readStoreCommand, runStoreCommand, storeUsage } from '@console/store/store-commands'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { withVaultSecrets } from '@console/tokens/vault-secrets'
import { collections } from './collections.ts'
import { fromFiles, readConfig } from './config.ts'
import { migrations } from './migrations.ts'

const command = readStoreCommand(process.argv.slice(2))
if (command === null) {
  console.error(`${storeUsage('devops-cli')}\n\nSee docs/runbooks/store.md.`)
  process.exit(2)
}
const env = await withVaultSecrets(process.env, fromFiles)
const settings = (STORE?: string) => readConfig({ ...env, ...(STORE && { STORE }) }).store
const openLog = () => {
  const { dataDir, keysDir } = readConfig(env)
  const dir = join(dataDir, 'devops')
  const { privateKey: key } = loadOrCreateServiceKey({ dir, keysDir, name: 'devops-backend' })
  return openAuditLog({ dir: join(dir, 'audit'), name: 'devops-backend', key })
}
process.exit(await runStoreCommand(command, { owner: 'do', declarations: Object.values(collections), migrations, settings, openLog }))
