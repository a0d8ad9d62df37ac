import { startDaemon } from '@console/verb-kit/daemon'
import { readStanding } from '@console/verb-kit/standing'
import { verbsOf } from '@console/verbs/all'
import { dockerProxySelf } from '@console/verbs/daemon'
import { cleanupVerbs } from './cleanup/cleanup-verbs.ts'
import { readConfig } from './config.ts'
import { createEngine } from './engine.ts'
import { createFollows } from './follows.ts'
import { openGatewaySocket } from './gateway/gateway-socket.ts'
import { startModel } from './model.ts'
import { refuseUntested } from './read-engine.ts'
import { containerVerbs } from './verbs/containers.ts'

const write = (line: string): void => void process.stdout.write(line)
const log = (level: 'info' | 'warn' | 'error', msg: string, more: object = {}): void =>
  write(`${JSON.stringify({ time: new Date().toISOString(), level, name: 'docker-proxy', msg, ...more })}\n`)

try {
  const config = readConfig(process.env, readStanding())
  if (config.production) await refuseUntested(createEngine(config.dockerSocket))
  const model = startModel({ socketPath: config.dockerSocket, log })
  const daemon = await startDaemon({
    ...config,
    name: 'docker-proxy',
    version: '1',
    verbs: verbsOf('docker-proxy'),
    self: dockerProxySelf,
    handlersWith: (journal) => [...containerVerbs(model, createFollows(model)), ...cleanupVerbs({ model, dir: config.dir, journal, log })],
    write,
  })
  const { journal } = daemon
  const gateway =
    config.gatewaySocket &&
    (await openGatewaySocket({ socketPath: config.gatewaySocket, engine: createEngine(config.dockerSocket), model, journal, log }))
  const stop = async (): Promise<void> => {
    if (gateway) await gateway.stop()
    await Promise.all([model.stop(), daemon.stop()])
    process.exit(0)
  }
  process.once('SIGTERM', () => void stop())
  process.once('SIGINT', () => void stop())
} catch (error) {
  log('error', (error as Error).message)
  process.exit(1)
}
