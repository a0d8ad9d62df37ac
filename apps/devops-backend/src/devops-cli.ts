import { readStoreCommand, runStoreCommand, storeUsage } from '@console/store/store-commands'
import { collections } from './collections.ts'
import { readConfig } from './config.ts'
import { migrations } from './migrations.ts'

const command = readStoreCommand(process.argv.slice(2))
if (command === null) {
  console.error(`${storeUsage('devops-cli')}\n\nSee docs/runbooks/store.md.`)
  process.exit(2)
}
const settings = (STORE?: string) => readConfig({ ...process.env, ...(STORE && { STORE }) }).store
process.exit(await runStoreCommand(command, { owner: 'do', declarations: Object.values(collections), migrations, settings }))
