import { cpus, uptime } from 'node:os'
import type { PartState } from '@console/contracts/console/actions'
import { hostAgentSelf } from '@console/verbs/daemon'
import type { Ask, DaemonClient } from '../../clients/daemon-client.ts'
import type { DockerProxy } from '../../clients/docker-proxy.ts'
import type { PlatformClient } from '../../clients/platform.ts'

export type PartDeps = {
  readonly docker: DockerProxy
  readonly agent: DaemonClient
  readonly platform: PlatformClient
  readonly serviceAsk: () => Ask
  readonly auditOk: () => { ok: boolean; message: string }
  readonly lateLogs: () => readonly string[]
  readonly changed: (part: string) => void
  readonly now: () => Date
}
/** Which parts of the console work, asked every few seconds, so that no page has to find out by failing. */
export type Parts = { list(): PartState[]; stop(): void }

const everyMs = 3_000
/** All parts start together: what is not there yet is looked for again soon, for so long. */
const startsMs = 15_000
const soonMs = 300

export function watchParts(deps: PartDeps): Parts {
  const known = new Map<PartState['part'], PartState>()
  const set = (part: PartState['part'], state: PartState['state'], detail: string, remedy: string | null): void => {
    const before = known.get(part)
    if (before?.state === state && before.detail === detail) return
    known.set(part, { part, state, detail, remedy, since: before?.state === state ? before.since : deps.now().toISOString() })
    if (before?.state !== state) deps.changed(part)
  }
  const look = async (): Promise<void> => {
    await Promise.all([lookAtDocker(deps, set), lookAtAgent(deps, set), lookAtPlatform(deps, set)])
    const audit = deps.auditOk()
    const late = deps.lateLogs()
    if (!audit.ok) set('audit', 'away', audit.message, 'Free space on the disk, or make DATA_DIR writable; it recovers by itself.')
    else if (late.length > 0)
      set('audit', 'degraded', `No checkpoint of ${late.join(', ')} could be exchanged for five minutes.`, 'Start the part that is away.')
    else set('audit', 'up', 'Rows are written, and checkpoints are exchanged.', null)
    set('devops-backend', 'up', 'It answers.', null)
    set('store', 'up', 'It answers.', null)
  }
  const begun = performance.now()
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const goOn = async (): Promise<void> => {
    await look()
    if (stopped) return
    const starts = performance.now() - begun < startsMs && [...known.values()].some(({ state }) => state === 'away')
    timer = setTimeout(() => void goOn(), starts ? soonMs : everyMs)
  }
  void goOn()
  return {
    list: () => [...known.values()],
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

type Set = (part: PartState['part'], state: PartState['state'], detail: string, remedy: string | null) => void

async function lookAtDocker({ docker, serviceAsk }: PartDeps, set: Set): Promise<void> {
  try {
    const { freshness, engine } = await docker.list('all', serviceAsk())
    set('docker-proxy', 'up', 'It answers.', null)
    if (freshness === 'away' || freshness === 'stale') {
      const why = await docker.info(serviceAsk()).then(
        () => 'The engine does not answer.',
        (error: Error) => error.message,
      )
      set(
        'docker-engine',
        freshness === 'away' ? 'away' : 'degraded',
        why,
        'Start Docker, or give the account of docker-proxy access to its socket (group docker).',
      )
    } else
      set(
        'docker-engine',
        freshness === 'live' ? 'up' : 'degraded',
        `Engine ${engine?.version ?? 'unknown'}, API ${engine?.apiVersion ?? 'unknown'}.`,
        null,
      )
  } catch {
    set('docker-proxy', 'away', 'docker-proxy does not answer.', 'Start it. Containers and logs work again when it is back.')
    set('docker-engine', 'away', 'Unknown: docker-proxy does not answer.', null)
  }
}

async function lookAtAgent({ agent, serviceAsk }: PartDeps, set: Set): Promise<void> {
  try {
    await agent.call(hostAgentSelf.checkpointJournal, {}, serviceAsk())
    set('host-agent', 'up', 'It answers.', null)
  } catch {
    set('host-agent', 'away', 'host-agent does not answer.', 'Start it. Runs that it started go on meanwhile.')
  }
}

async function lookAtPlatform({ platform }: PartDeps, set: Set): Promise<void> {
  try {
    await platform.post('/internal/journal/checkpoint', {})
    set('platform-service', 'up', 'It answers.', null)
  } catch {
    set('platform-service', 'away', 'platform-service does not answer.', 'Start it. Reads go on for a minute, changes wait.')
  }
}

export function hostInfo(hostName: string) {
  return { hostId: 'local', name: hostName, cpus: cpus().length, uptimeSec: Math.round(uptime()) }
}
