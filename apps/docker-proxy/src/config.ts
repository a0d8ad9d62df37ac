import { type DaemonConfig, pathFrom, readDaemonConfig } from '@console/verb-kit/daemon-config'
import { runsAsRoot, type Standing, weaknesses } from '@console/verb-kit/standing'

export type Config = DaemonConfig & {
  readonly dockerSocket: string
  /** Where a gateway asks; null for none. */
  readonly gatewaySocket: string | null
  readonly warnings: readonly string[]
  /** What only production refuses: on one's own machine there is nearly always something, so the terminal stays quiet of it. */
  readonly remarks: readonly string[]
}

/** Reads the environment of docker-proxy. In production what weakens it stops the start; elsewhere it is told. @throws Error, one line a problem */
export function readConfig(env: NodeJS.ProcessEnv, standing: Standing): Config {
  const problems: string[] = []
  const config = readDaemonConfig('docker-proxy', env, problems)
  const dockerSocket = pathFrom(env, 'DOCKER_SOCKET', '/var/run/docker.sock', problems)
  const gatewaySocket = env.GATEWAY_SOCKET === undefined ? null : pathFrom(env, 'GATEWAY_SOCKET', '', problems)
  const weak = weaknesses(standing)
  if (config.production) problems.push(...weak)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const remarks = weak.filter((why) => why !== runsAsRoot).map((why) => `In production this stops the start: ${why}`)
  return { ...config, dockerSocket, gatewaySocket, warnings: weak.filter((why) => why === runsAsRoot), remarks }
}
