import { listenOn } from '@console/http-kit/server'
import { createApp } from './app.ts'
import { readConfig } from './start-config.ts'

const write = (line: string): void => void process.stdout.write(line)
const say = (level: string, msg: string): void =>
  write(`${JSON.stringify({ time: new Date().toISOString(), level, name: 'devops-backend', msg })}\n`)

try {
  const { config, watch } = await readConfig(process.env)
  watch({
    warn: (message) => say('warn', message),
    changed: (names) => say('warn', `${names.join(', ')} changed in Key Vault and is used from the next start on.`),
  })
  const { app, close } = await createApp(config, { write })
  await listenOn(app, config.listenOn, config.port)
  say('info', 'ready')
  const stop = async (): Promise<void> => {
    setTimeout(() => process.exit(1), 5_000).unref()
    await close()
    process.exit(0)
  }
  process.once('SIGTERM', () => void stop())
  process.once('SIGINT', () => void stop())
} catch (error) {
  say('error', (error as Error).message)
  process.exit(1)
}
