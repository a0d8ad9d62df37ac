import { listenOn } from '@console/http-kit/server'
import { assertSecret } from '@console/tokens/keys'
import { buildApp, type PlatformApp } from './app.ts'
import { readConfig } from './start-config.ts'

const write = (line: string): void => void process.stdout.write(line)
const say = (level: 'info' | 'warn' | 'error', msg: string, more: object = {}): void =>
  write(`${JSON.stringify({ time: new Date().toISOString(), level, name: 'platform-service', msg, ...more })}\n`)

try {
  const { config, watch } = await readConfig(process.env)
  const app = await buildApp({ config, write })
  watch({
    warn: (message) => say('warn', message),
    changed: (names, { JWT_SECRET: secret }) => void takeChanged(app, names, secret),
  })
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

/** The signing secret is taken as it is; all others are read where the parts are put together, which is at the start. */
async function takeChanged(app: PlatformApp, names: readonly string[], secret: string | undefined): Promise<void> {
  for (const name of names.filter((one) => one !== 'JWT_SECRET' && one !== 'JWT_SECRET_PREVIOUS'))
    say('warn', `${name} was changed in Key Vault. It is used from the next start on.`)
  if (!names.includes('JWT_SECRET') || secret === undefined) return
  try {
    assertSecret('JWT_SECRET', secret)
    await app.rotateSigning(secret)
    say('info', 'JWT_SECRET was changed in Key Vault and is used from now on. Keep the one before there as JWT-SECRET-PREVIOUS.')
  } catch (error) {
    say('error', `JWT_SECRET of Key Vault was not taken: ${(error as Error).message}`)
  }
}
