import { join, resolve } from 'node:path'

export type Config = {
  readonly production: boolean
  readonly dockerSocket: string
  readonly socketPath: string
  readonly dir: string
  readonly keysDir: string
  readonly productId: string
  readonly warnings: readonly string[]
}

/** Reads the environment of docker-proxy. In production what weakens it stops the start; elsewhere it is a warning. @throws Error, one line a problem */
export function readConfig(env: NodeJS.ProcessEnv, process: { readonly uid: number }): Config {
  const problems: string[] = []
  const warnings: string[] = []
  const production = env.NODE_ENV === 'production'
  const dataDir = resolve(env.DATA_DIR ?? 'data')
  const judge = (bad: boolean, why: string): void => {
    if (bad) (production ? problems : warnings).push(why)
  }
  judge(process.uid === 0, 'docker-proxy runs as root: it needs only the docker group.')
  const path = (name: string, fallback: string): string => {
    const value = env[name] ?? fallback
    if (value === '') problems.push(`${name} is empty`)
    return resolve(value)
  }
  const productId = env.PRODUCT_ID ?? 'bytelyst-devops'
  if (!/^[a-z][a-z0-9-]{1,62}$/.test(productId)) problems.push('PRODUCT_ID must be lower case, digits and dashes')
  const config: Config = {
    production,
    dockerSocket: path('DOCKER_SOCKET', '/var/run/docker.sock'),
    socketPath: join(path('SOCKET_DIR', join(dataDir, 'run')), 'docker-proxy.sock'),
    dir: join(dataDir, 'docker-proxy'),
    keysDir: path('KEYS_DIR', join(dataDir, 'keys')),
    productId,
    warnings,
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return config
}
