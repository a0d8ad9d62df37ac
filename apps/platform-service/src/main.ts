import { listenOn } from '@console/http-kit/server'
import { buildApp } from './app.ts'
import { readConfig } from './config.ts'

const write = (line: string): void => void process.stdout.write(line)
const say = (level: 'info' | 'error', msg: string, more: object = {}): void =>
  write(`${JSON.stringify({ time: new Date().toISOString(), level, name: 'platform-service', msg, ...more })}\n`)

try {
  const config = readConfig(process.env)
  const app = await buildApp({ config, write })
  const stop = (): void => {
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        say('error', `not closed cleanly: ${String(error)}`)
        process.exit(1)
      },
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  await listenOn(app.server, config.listenOn, config.port)
  // Only a person at the terminal sees stderr: the log never holds the token. One that was given is known to whoever gave it.
  if (app.setupToken !== null && config.setupToken === undefined) process.stderr.write(`setup token: ${app.setupToken}\n`)
  say('info', 'ready', { port: config.port })
} catch (error) {
  for (const line of (error as Error).message.split('\n')) say('error', line)
  process.exit(1)
}
