import { join, resolve } from 'node:path'

/** What both daemons read from the environment in the same way. */
export type DaemonConfig = {
  readonly production: boolean
  readonly socketPath: string
  /** The daemon's own folder. */
  readonly dir: string
  readonly keysDir: string
  readonly productId: string
}

/** Puts what is wrong to the problems of the caller, which tells them together with its own. */
export function readDaemonConfig(name: string, env: NodeJS.ProcessEnv, problems: string[]): DaemonConfig {
  const dataDir = resolve(env.DATA_DIR ?? 'data')
  const productId = env.PRODUCT_ID ?? 'bytelyst-devops'
  if (!/^[a-z][a-z0-9-]{1,62}$/.test(productId)) problems.push('PRODUCT_ID must be lower case, digits and dashes')
  return {
    production: env.NODE_ENV === 'production',
    socketPath: join(pathFrom(env, 'SOCKET_DIR', join(dataDir, 'run'), problems), `${name}.sock`),
    dir: join(dataDir, name),
    keysDir: pathFrom(env, 'KEYS_DIR', join(dataDir, 'keys'), problems),
    productId,
  }
}

/** An absolute path; an empty text would be the folder that the program happens to run in. */
export function pathFrom(env: NodeJS.ProcessEnv, name: string, fallback: string, problems: string[]): string {
  const value = env[name] ?? fallback
  if (value === '') problems.push(`${name} is empty`)
  return resolve(value)
}
